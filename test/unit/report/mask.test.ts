import { describe, expect, it } from "vitest";
import { mask, maskReport } from "../../../src/simulator/report/mask.ts";
import { call, sampleReport } from "../../support/sample-report.ts";

describe("mask", () => {
  it("hides every occurrence", () => {
    expect(mask("a token-1 and token-1.", ["token-1"])).toBe("a **** and ****.");
  });

  it("leaves nothing of secrets that overlap, touch or contain one another", () => {
    expect(mask("x-abcdefgh-y", ["abcdef", "defgh", "bcde"])).toBe("x-****-y");
    expect(mask("aaaaa", ["aaaa"])).toBe("****");
  });

  it("leaves what CircleCI leaves: fewer than four characters, and booleans", () => {
    expect(mask("dev true True false False", ["dev", "true", "True", "false", "False", ""])).toBe(
      "dev true True false False",
    );
  });

  it("takes a secret as text, not as a pattern", () => {
    expect(mask("a.*b axxb", ["a.*b"])).toBe("**** axxb");
  });
});

describe("maskReport", () => {
  const secret = "hunter-22";
  const report = sampleReport({
    until: 1000,
    unused: { faults: [{ path: `/${secret}`, deep: [{ [secret]: 1 }] }], events: [secret] },
    requests: [call(1, null, `GET /me?token=${secret}`, 200)],
    pipelines: [
      {
        project: `gh/${secret}/app`,
        branch: secret,
        actor: secret,
        errors: [{ type: "config", message: `bad ${secret}` }],
        parameters: { [secret]: secret, count: 12345 },
        workflows: [
          {
            name: secret,
            status: "success",
            jobs: [
              {
                name: `job-${secret}`,
                status: "success",
                from: 0,
                to: 1,
                approvedBy: secret,
                steps: [
                  [
                    `step ${secret}`,
                    `plain ${secret}\ncoloured hunter\u001b[1m-22\u001b[0m\nsplit hun\u0000ter-22\n`,
                  ],
                ],
                artifacts: [{ path: secret, file: `/tmp/${secret}` }],
              },
            ],
          },
        ],
      },
    ],
  });

  it("hides a secret wherever a person or a program could have written it", () => {
    const masked = maskReport(report, [secret, "12345"]);
    const { id, workflows, ...pipeline } = masked.pipelines[0] ?? { id: "", workflows: [] };
    const jobs = workflows.flatMap((workflow) => workflow.jobs.map(({ id, ...job }) => job));
    const written = { pipeline, names: workflows.map(({ name }) => name), jobs };
    expect(JSON.stringify([masked.unused, masked.requests, written])).not.toContain(secret);
    expect(pipeline).toMatchObject({ parameters: { "****": "****", count: "****" } });
    expect(jobs[0]?.steps[0]?.output).toBe("plain ****\ncoloured ****\nsplit ****\n");
  });

  it("changes nothing where there is no secret", () => {
    const calm = sampleReport({
      until: 1000,
      pipelines: [{ project: "gh/acme/app", parameters: { a: 1, b: true } }],
    });
    expect(maskReport(calm, ["unrelated"])).toEqual(calm);
  });
});
