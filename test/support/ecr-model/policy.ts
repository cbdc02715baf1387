import * as v from "valibot";

/** Policies of IAM, as far as deliveries need them: statements that allow. Whatever else stands in one throws. */

const texts = v.union([
  v.pipe(
    v.string(),
    v.transform((text) => [text]),
  ),
  v.array(v.string()),
]);
const head = { Sid: v.optional(v.string()), Effect: v.literal("Allow"), Action: texts };

const Policy = v.strictObject({
  Version: v.literal("2012-10-17"),
  Statement: v.array(v.strictObject({ ...head, Resource: texts })),
});
const Conditions = v.record(v.picklist(["StringEquals", "StringLike"]), v.record(v.string(), v.string()));
const TrustPolicy = v.strictObject({
  Version: v.literal("2012-10-17"),
  Statement: v.array(
    v.strictObject({
      ...head,
      Principal: v.strictObject({ Federated: v.string() }),
      Condition: Conditions,
    }),
  ),
});

export type Policy = v.InferOutput<typeof Policy>;
export type TrustPolicy = v.InferOutput<typeof TrustPolicy>;
export const parsePolicy = (json: string): Policy => v.parse(Policy, JSON.parse(json));
export const parseTrustPolicy = (json: string): TrustPolicy => v.parse(TrustPolicy, JSON.parse(json));

/** These actions, for whatever there is. */
export function allowEverywhere(actions: readonly string[]): Policy {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: [...actions], Resource: ["*"] }],
  };
}

export function allows({ Statement }: Policy, action: string, resource: string): boolean {
  return Statement.some(
    ({ Action, Resource }) =>
      Action.some((pattern) => isLike(action, pattern)) &&
      Resource.some((pattern) => isLike(resource, pattern)),
  );
}

/** Whether a role in that account may be assumed with a token of these claims. */
export function trusts(
  { Statement }: TrustPolicy,
  accountId: string,
  claims: Readonly<Record<string, unknown>>,
): boolean {
  const issuer = String(claims.iss).replace(/^https:\/\//, "");
  const meets = (key: string, isFit: (value: string) => boolean) => {
    const claim = key.startsWith(`${issuer}:`) ? claims[key.slice(issuer.length + 1)] : undefined;
    return typeof claim === "string" && isFit(claim);
  };
  return Statement.some(
    ({ Action, Principal, Condition }) =>
      Action.includes("sts:AssumeRoleWithWebIdentity") &&
      Principal.Federated === `arn:aws:iam::${accountId}:oidc-provider/${issuer}` &&
      Object.entries(Condition.StringEquals ?? {}).every(([key, wanted]) =>
        meets(key, (claim) => claim === wanted),
      ) &&
      Object.entries(Condition.StringLike ?? {}).every(([key, pattern]) =>
        meets(key, (claim) => isLike(claim, pattern)),
      ),
  );
}

/** `*` stands for any characters, `?` for one. */
function isLike(text: string, pattern: string): boolean {
  const parts = [...pattern].map((letter) =>
    letter === "*" ? "[\\s\\S]*" : letter === "?" ? "[\\s\\S]" : letter.replace(/[^\w]/, "\\$&"),
  );
  return new RegExp(`^${parts.join("")}$`).test(text);
}
