import { expect, test } from "vitest";
import { readOnFailure } from "../../../src/protocol/wished-deed.ts";

test.each([
  ["", "approve"],
  ["environment:\n  CIRCLEBACK_PARAM_ON_FAILURE: approve\n", "approve"],
  ["environment:\n  CIRCLEBACK_PARAM_ON_FAILURE: cancel\n", "cancel"],
  ['environment:\n  "CIRCLEBACK_PARAM_ON_FAILURE": "leave"\n', "leave"],
  ["CIRCLEBACK_PARAM_ON_FAILURE: cancel\nCIRCLEBACK_PARAM_ON_FAILURE: approve\n", "cancel"],
  ["CIRCLEBACK_PARAM_ON_FAILURE: cancel\nCIRCLEBACK_PARAM_ON_FAILURE: leave\n", "leave"],
  ["- circleback/approve-in-parent: { on-failure: cancel }", "cancel"],
  ["- circleback/approve-in-parent: { on-failure: << pipeline.parameters.wish >> }", "approve"],
  ["command: echo on-failure: leave\nCIRCLEBACK_PARAM_ON_FAILURE: approve\n", "approve"],
])("a configuration of %j wishes a hold to be treated with %s", (config, wish) => {
  expect(readOnFailure(config)).toBe(wish);
});
