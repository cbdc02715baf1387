import type { Place } from "./place.ts";
import type { Fault, FaultEffect } from "./scenario.ts";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

const effects = ["status", "body", "headers", "delay", "drop", "after", "stale"] as const;

export function parseFaults(place: Place): readonly Fault[] {
  return place.items().map(parseFault);
}

function parseFault(place: Place): Fault {
  const fields = place.fields(["method", "path", "times", "job", "then"]);
  if (fields.method === undefined) place.problem("names no method");
  if (fields.path === undefined) place.problem("names no path");
  if (fields.then === undefined) place.problem("does not say what happens then");
  const method = fields.method?.oneOf(methods, "an HTTP method") ?? "";
  const path = fields.path?.text() ?? "";
  if (path !== "" && !/^\/[^?]*$/.test(path)) fields.path?.problem("must begin with / and have no query");
  return {
    method,
    path,
    times: fields.times?.wholeNumber(1, Number.MAX_SAFE_INTEGER) ?? 1,
    job: fields.job?.text() ?? null,
    effect: fields.then === undefined ? noEffect : parseEffect(fields.then),
    source: place.value,
  };
}

const noEffect: FaultEffect = {
  status: null,
  body: undefined,
  headers: {},
  delay: 0,
  drop: false,
  afterAccepted: false,
  stale: 0,
};

function parseEffect(place: Place): FaultEffect {
  const fields = place.fields(effects);
  const status = fields.status?.wholeNumber(200, 599) ?? null;
  const answers = status !== null || fields.body !== undefined || fields.headers !== undefined;
  const cuts = fields.drop?.boolean() ?? false;
  const afterAccepted = fields.after?.oneOf(["accepted"], "accepted") === "accepted";
  if (cuts && answers) place.problem("cuts the connection, so it cannot have a status, body or headers");
  if (place.isCollection() && Object.keys(fields).length === 0) {
    place.problem(`changes nothing: it needs one of ${effects.join(", ")}`);
  }
  return {
    status,
    body: fields.body?.value,
    headers: Object.fromEntries(
      fields.headers?.entries().map(([name, value]) => [name, value.variable()]) ?? [],
    ),
    delay: fields.delay?.duration() ?? 0,
    drop: cuts || (afterAccepted && !answers),
    afterAccepted,
    stale: fields.stale?.duration() ?? 0,
  };
}
