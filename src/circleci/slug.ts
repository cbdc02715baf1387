const providers: Readonly<Record<string, string>> = { gh: "github", bb: "bitbucket" };

/** `gh/acme/app` and `github/acme/app` are the same project: the longer form. */
export function normalizeSlug(slug: string): string {
  const [provider = "", ...rest] = slug.split("/");
  return [providers[provider] ?? provider, ...rest].join("/");
}
