import { AwsError, invalidParameter } from "./aws-error.ts";

/** A value in a request, as the API reference describes it. */
type Shape =
  | { readonly type: "string"; readonly pattern?: RegExp; readonly min?: number; readonly max?: number }
  | { readonly type: "boolean" }
  | { readonly type: "integer"; readonly min: number; readonly max: number }
  | { readonly type: "choice"; readonly of: readonly string[] }
  | { readonly type: "list"; readonly of: Shape; readonly min: number; readonly max: number }
  | Structure;

export interface Structure {
  readonly type: "structure";
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
}

/** What no client that follows the reference sends: the test that did it fails. */
export class Violation extends AwsError {}

/** Throws a Violation for what the reference does not know, and AWS's own error for a value out of bounds. */
export function checkShape(value: unknown, shape: Shape, path: string): void {
  const misfit = (wanted: string) =>
    new Violation(
      "SerializationException",
      `${path || "the request"} is no ${wanted}: ${JSON.stringify(value)}`,
    );
  switch (shape.type) {
    case "string": {
      if (typeof value !== "string") throw misfit("string");
      const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = shape;
      if (value.length < min) {
        throw invalidParameter(path, `Member must have length greater than or equal to ${min}`);
      }
      if (value.length > max) {
        throw invalidParameter(path, `Member must have length less than or equal to ${max}`);
      }
      if (pattern !== undefined && !pattern.test(value)) {
        throw invalidParameter(path, `must satisfy regular expression '${pattern.source}'`);
      }
      return;
    }
    case "boolean":
      if (typeof value !== "boolean") throw misfit("boolean");
      return;
    case "integer":
      if (!Number.isInteger(value)) throw misfit("integer");
      if (Number(value) < shape.min || Number(value) > shape.max) {
        throw invalidParameter(path, `must be between ${shape.min} and ${shape.max}`);
      }
      return;
    case "choice":
      if (typeof value !== "string") throw misfit("string");
      if (!shape.of.includes(value)) {
        throw invalidParameter(path, `Member must satisfy enum value set: [${shape.of.join(", ")}]`);
      }
      return;
    case "list":
      if (!Array.isArray(value)) throw misfit("list");
      if (value.length < shape.min || value.length > shape.max) {
        throw invalidParameter(path, `must have between ${shape.min} and ${shape.max} members`);
      }
      for (const [index, member] of value.entries()) checkShape(member, shape.of, `${path}[${index}]`);
      return;
    case "structure": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw misfit("structure");
      for (const [name, member] of Object.entries(value)) {
        const field = shape.fields[name];
        if (field === undefined)
          throw new Violation("SerializationException", `Unknown field ${path}.${name}`);
        checkShape(member, field, path === "" ? name : `${path}.${name}`);
      }
      const missing = shape.required.find((name) => !(name in value));
      if (missing !== undefined) throw invalidParameter(missing, "Member must not be null");
    }
  }
}

const text: Shape = { type: "string" };
const registryId: Shape = { type: "string", pattern: /^[0-9]{12}$/ };
const repositoryName: Shape = {
  type: "string",
  min: 2,
  max: 256,
  pattern: /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
};
const imageTag: Shape = { type: "string", min: 1, max: 300 };
const imageDigest: Shape = text; // a malformed one is no error of the call: InvalidImageDigest stands in `failures`
const imageId: Structure = { type: "structure", fields: { imageDigest, imageTag }, required: [] };
const imageIds: Shape = { type: "list", of: imageId, min: 1, max: 100 };
const page = { nextToken: text, maxResults: { type: "integer", min: 1, max: 1000 } } as const;

function structure(fields: Structure["fields"], ...required: readonly string[]): Structure {
  return { type: "structure", fields, required };
}

/** The requests of the API, version 2015-09-21, as far as a delivery needs it. */
export const requestShapes = {
  GetAuthorizationToken: structure({
    registryIds: { type: "list", of: registryId, min: 1, max: 10 },
  }),
  BatchGetImage: structure(
    {
      registryId,
      repositoryName,
      imageIds,
      acceptedMediaTypes: { type: "list", of: { type: "string", min: 1 }, min: 1, max: 100 },
    },
    "repositoryName",
    "imageIds",
  ),
  PutImage: structure(
    {
      registryId,
      repositoryName,
      imageManifest: { type: "string", min: 1, max: 4_194_304 },
      imageManifestMediaType: text,
      imageTag,
      imageDigest: { type: "string", pattern: /^[\w+.-]+:[a-fA-F0-9]+$/ },
    },
    "repositoryName",
    "imageManifest",
  ),
  CreateRepository: structure(
    {
      registryId,
      repositoryName,
      tags: { type: "list", of: structure({ Key: text, Value: text }, "Key", "Value"), min: 0, max: 200 },
      imageTagMutability: {
        type: "choice",
        of: ["MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"],
      },
      imageTagMutabilityExclusionFilters: {
        type: "list",
        of: structure(
          {
            filterType: { type: "choice", of: ["WILDCARD"] },
            filter: { type: "string", pattern: /^[0-9a-zA-Z._*-]{1,128}$/ },
          },
          "filterType",
          "filter",
        ),
        min: 1,
        max: 5,
      },
      imageScanningConfiguration: structure({ scanOnPush: { type: "boolean" } }),
      encryptionConfiguration: structure(
        { encryptionType: { type: "choice", of: ["AES256", "KMS", "KMS_DSSE"] }, kmsKey: text },
        "encryptionType",
      ),
    },
    "repositoryName",
  ),
  DescribeRepositories: structure({
    registryId,
    repositoryNames: { type: "list", of: repositoryName, min: 1, max: 100 },
    ...page,
  }),
  DescribeImages: structure(
    {
      registryId,
      repositoryName,
      imageIds,
      filter: structure({ tagStatus: { type: "choice", of: ["TAGGED", "UNTAGGED", "ANY"] } }),
      ...page,
    },
    "repositoryName",
  ),
  DescribeImageScanFindings: structure(
    { registryId, repositoryName, imageId, ...page },
    "repositoryName",
    "imageId",
  ),
} as const satisfies Readonly<Record<string, Structure>>;

export type EcrAction = keyof typeof requestShapes;
