const PROVIDERS: Readonly<Record<string, { short: string; long: string; name: string; host: string }>> = {
  gh: { short: "gh", long: "github", name: "GitHub", host: "https://github.com" },
  github: { short: "gh", long: "github", name: "GitHub", host: "https://github.com" },
  bb: { short: "bb", long: "bitbucket", name: "Bitbucket", host: "https://bitbucket.org" },
  bitbucket: { short: "bb", long: "bitbucket", name: "Bitbucket", host: "https://bitbucket.org" },
};

export interface SlugParts {
  readonly provider: string;
  readonly organization: string;
  readonly name: string;
}

export function splitSlug(slug: string): SlugParts {
  const [provider = "", organization = "", name = ""] = slug.split("/");
  return { provider, organization, name };
}

/** One spelling per project: `github/…` and `gh/…` name the same one. */
export function canonicalSlug(slug: string): string {
  const { provider, organization, name } = splitSlug(slug);
  return `${PROVIDERS[provider]?.short ?? provider}/${organization}/${name}`;
}

/** True for GitHub App, GitLab and Bitbucket Data Center projects, whose slugs are opaque. */
export function isStandalone(slug: string): boolean {
  return splitSlug(slug).provider === "circleci";
}

/** Where the code lives; null for opaque slugs, which do not tell. */
export function locateRepository(slug: string): { readonly provider: string; readonly url: string } | null {
  const { provider, organization, name } = splitSlug(slug);
  const known = PROVIDERS[provider];
  return known ? { provider: known.name, url: `${known.host}/${organization}/${name}` } : null;
}

/** The slug as the addresses of the web application spell it. */
export function webSlug(slug: string): string {
  const { provider, organization, name } = splitSlug(slug);
  return `${PROVIDERS[provider]?.long ?? provider}/${organization}/${name}`;
}

/**
 * The slashes of a project slug may be URL-escaped, except where the three segments are parameters of their
 * own (`…/pipeline/run`).
 */
export function unescapeSlug(path: string): string {
  if (path.endsWith("/pipeline/run")) return path;
  return path.replace(/^(\/api\/v2\/project\/)([^/]+)/, (_, start: string, slug: string) => {
    return start + slug.replace(/%2f/gi, "/");
  });
}
