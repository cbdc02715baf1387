import type { DraftJob } from "./workflow-job.ts";

/**
 * Gives every job its name in the compiled document, where `jobs:` is one map for all workflows. Workflows may share
 * a name as long as they mean the same job; otherwise CircleCI appends -1, -2 … in order of appearance.
 */
export function nameJobs(workflows: readonly (readonly DraftJob[])[]): ReadonlyMap<DraftJob, string> {
  const variants = new Map<string, { readonly body: string; readonly members: DraftJob[] }[]>();
  const users = new Map<DraftJob, number>();
  workflows.forEach((drafts, workflow) => {
    for (const draft of drafts) {
      users.set(draft, workflow);
      const body = JSON.stringify(draft.expanded?.source ?? draft.type);
      const known = variants.get(draft.wanted) ?? [];
      variants.set(draft.wanted, known);
      const match = known.find(
        (variant) =>
          variant.body === body && variant.members.every((member) => users.get(member) !== workflow),
      );
      if (match === undefined) known.push({ body, members: [draft] });
      else match.members.push(draft);
    }
  });
  const names = new Map<DraftJob, string>();
  const taken = new Set([...variants].filter(([, known]) => known.length === 1).map(([wanted]) => wanted));
  for (const [wanted, known] of variants) {
    let number = 0;
    for (const { members } of known) {
      let name = wanted;
      while (known.length > 1) {
        number += 1;
        name = `${wanted}-${number}`;
        if (!taken.has(name)) break;
      }
      taken.add(name);
      for (const member of members) names.set(member, name);
    }
  }
  return names;
}
