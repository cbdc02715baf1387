import type { JobAssignment } from "../engine/job-runner.ts";

const lifetime = 3600;

/** A token with the claims that CircleCI documents, but unsigned: nothing that verifies tokens will take it. */
export function writeOidcToken(assignment: JobAssignment, version: 1 | 2, now: number): string {
  const { project, pipeline } = assignment;
  const issuedAt = Math.floor(now / 1000);
  const subject = `org/${project.organizationId}/project/${project.id}/user/${pipeline.actor}`;
  const origin = project.slug
    .replace(/^(gh|github)\//, "github.com/")
    .replace(/^(bb|bitbucket)\//, "bitbucket.org/");
  const reference =
    pipeline.tag === null ? `refs/heads/${pipeline.branch ?? ""}` : `refs/tags/${pipeline.tag}`;
  return [
    encode({ alg: "none", typ: "JWT" }),
    encode({
      iss: `https://oidc.circleci.com/org/${project.organizationId}`,
      sub: version === 1 ? subject : `${subject}/vcs-origin/${origin}/vcs-ref/${reference}`,
      aud: project.organizationId,
      iat: issuedAt,
      exp: issuedAt + lifetime,
      "oidc.circleci.com/project-id": project.id,
      "oidc.circleci.com/vcs-origin": origin,
      "oidc.circleci.com/vcs-ref": reference,
      "oidc.circleci.com/ssh-rerun": false,
    }),
    "",
  ].join(".");
}

function encode(part: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
