import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

const rounds = 100;
const pause = 3;

/**
 * Kills what has left its process group, as `ssh-agent` and other daemons do, and waits until it is gone:
 * every process whose environment names this node's BASH_ENV. Finds nothing where there is no /proc.
 */
export async function killStrayProcesses(bashEnv: string): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const strays = findProcesses(`CIRCLE_SHELL_ENV=${bashEnv}`);
    if (strays.length === 0) return;
    for (const pid of strays) killQuietly(pid);
    // Real time, not the simulator's: the kernel takes a moment to end a process.
    await setTimeout(pause);
  }
}

function findProcesses(entry: string): readonly number[] {
  return listProcessIds().filter((pid) => pid !== process.pid && readEnvironment(pid).includes(entry));
}

function listProcessIds(): readonly number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function readEnvironment(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself in the meantime.
  }
}
