interface ExclusionFilter {
  readonly filterType: string;
  /** `*` stands for any characters. */
  readonly filter: string;
}

/** What the registry behind the model does not know about a repository. */
export interface Repository {
  readonly name: string;
  readonly createdAt: number;
  readonly imageTagMutability: string;
  readonly imageTagMutabilityExclusionFilters: readonly ExclusionFilter[];
  readonly scanOnPush: boolean;
  readonly encryptionType: string;
}

export function isImmutable(repository: Repository, tag: string): boolean {
  const excluded = repository.imageTagMutabilityExclusionFilters.some(({ filter }) => matches(filter, tag));
  switch (repository.imageTagMutability) {
    case "IMMUTABLE":
      return true;
    case "IMMUTABLE_WITH_EXCLUSION":
      return !excluded;
    case "MUTABLE_WITH_EXCLUSION":
      return excluded;
    default:
      return false;
  }
}

function matches(filter: string, tag: string): boolean {
  const pattern = filter.split("*").map((part) => part.replaceAll(/[.]/g, "\\."));
  return new RegExp(`^${pattern.join(".*")}$`).test(tag);
}
