import { play, type Way } from "./orchestrate.ts";

export const shellStep = "the same calls with curl and jq";

/** Runs of each way, one after the other, in turns. */
const turns = 5;

/** So long that the parent sleeps before the child calls back: the shell's way does not wait for that. */
const childSeconds = 5;

/** Milliseconds of the job that triggers, and of the one that calls back. */
interface Steps {
  readonly trigger: readonly number[];
  readonly call: readonly number[];
}

let measured: Promise<Readonly<Record<"circleback" | "shell", Steps>>> | null = null;

/** One orchestration at a time. Made once, on the first call. */
export function measureSteps(): Promise<Readonly<Record<"circleback" | "shell", Steps>>> {
  measured ??= measureAll();
  return measured;
}

async function measureAll(): Promise<Readonly<Record<"circleback" | "shell", Steps>>> {
  const steps = {
    circleback: { trigger: [] as number[], call: [] as number[] },
    shell: { trigger: [] as number[], call: [] as number[] },
  };
  for (let turn = 0; turn < turns; turn++) {
    for (const way of ["circleback", "shell"] as const satisfies readonly Way[]) {
      const [played] = await play([way], childSeconds);
      if (played === undefined) continue;
      steps[way].trigger.push(played.trigger);
      steps[way].call.push(played.call);
    }
  }
  return steps;
}
