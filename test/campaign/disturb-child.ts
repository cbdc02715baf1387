import { rerun, type Scene, when } from "./scene.ts";
import type { EventPlan } from "./world.ts";

/** What befalls a child while its parent waits: a cancel, a rerun by hand in the middle, a callback that is cut short. */
export function disturbChild(scene: Scene): readonly EventPlan[][] {
  const { child, work, callback } = scene;
  const { project } = child;
  const sweep = { ...child, do: "sweep" } as const;
  const atWork =
    work === null
      ? []
      : [
          [
            when(scene, { project, job: work, status: "running" }, 40_000, {
              ...child,
              do: "cancel-workflow",
            }),
          ],
          [when(scene, { project, job: work, status: "failed" }, 20_000, rerun(scene, child, work))],
          [when(scene, { project, job: work, status: "success" }, 60_000, rerun(scene, child, work))],
        ];
  if (callback === null) return atWork;
  const calls = { project, job: callback, status: "running" };
  const hasFailed = { project, job: callback, status: "failed" };
  return [
    ...atWork,
    [when(scene, calls, 8_000, { ...child, job: callback, do: "lose-machine" })],
    [when(scene, calls, 8_000, { ...child, job: callback, do: "cancel-job" })],
    [when(scene, calls, 3_000, sweep)],
    [when(scene, calls, 3_000, sweep), when(scene, calls, 3_000, sweep)],
    [when(scene, hasFailed, 3_000, sweep)],
    [when(scene, hasFailed, 40_000, rerun(scene, child, callback))],
  ];
}
