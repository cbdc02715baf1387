/** One line of the checklist. `unknown`: nobody could tell, and nothing is known to be wrong. */
export interface Finding {
  readonly state: "ok" | "problem" | "unknown";
  readonly text: string;
  /** What to do, each one action. */
  readonly remedies: readonly string[];
}

export function ok(text: string): Finding {
  return { state: "ok", text, remedies: [] };
}

export function problem(text: string, ...remedies: readonly string[]): Finding {
  return { state: "problem", text, remedies };
}

export function unknown(text: string, ...remedies: readonly string[]): Finding {
  return { state: "unknown", text, remedies };
}

/** The findings about one thing. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

const marks = { ok: "ok      ", problem: "PROBLEM ", unknown: "unknown " };

export function showSection({ title, findings }: Section): string {
  const lines = findings.flatMap(({ state, text, remedies }) => [
    `  ${marks[state]} ${text}`,
    ...remedies.map((remedy) => `           Try: ${remedy}`),
  ]);
  return `${[title, ...lines].join("\n")}\n`;
}

export function sumUp(findings: readonly Finding[]): string {
  const count = (state: Finding["state"]) => findings.filter((finding) => finding.state === state).length;
  const [problems, unknowns] = [count("problem"), count("unknown")];
  const rest = unknowns === 0 ? "" : `, ${unknowns} not known`;
  if (problems === 0) return `No problem found in ${findings.length} checks${rest}.\n`;
  return `${problems} ${problems === 1 ? "problem" : "problems"} in ${findings.length} checks${rest}.\n`;
}
