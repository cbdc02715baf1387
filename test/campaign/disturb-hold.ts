import { rerun, type Scene, when } from "./scene.ts";
import { checkJob, type EventPlan, holdJob, triggerJob } from "./world.ts";

/** Clicks of people on a parent that sleeps, sweeps beside them, and what people do once it was woken. */
export function disturbHold(scene: Scene): readonly EventPlan[][] {
  const { call, own, child } = scene;
  const job = holdJob(call);
  const sleeps = { job, status: "on_hold" };
  const copy = when(scene, sleeps, 8_000, { ...child, do: "copy-pipeline" });
  const approve = { ...own, job, do: "approve" } as const;
  const cancel = { ...own, do: "cancel-workflow" } as const;
  const sweep = { ...own, do: "sweep" } as const;
  const aSweep = when(scene, sleeps, 30_000, sweep);
  const again = when(scene, { job, status: "canceled" }, 8_000, { ...own, do: "rerun-from-failed" });
  return [
    [copy],
    // The copy is the newest pipeline then, and the true child never calls back.
    [copy, { ...copy, delay: copy.delay + 1, do: "cancel-workflow", pipeline: 2 }],
    [when(scene, sleeps, 40_000, approve)],
    [when(scene, sleeps, 8_000, approve)],
    [when(scene, sleeps, 40_000, cancel)],
    // A parent that is cancelled and begun again while its child goes on.
    [when(scene, sleeps, 8_000, cancel), again],
    [when(scene, sleeps, 8_000, { ...own, job, do: "cancel-job" }), again],
    [when(scene, sleeps, 8_000, cancel), when(scene, { job, status: "canceled" }, 8_000, sweep)],
    [when(scene, { job, status: "canceled" }, 40_000, rerun(scene, own, triggerJob(call)))],
    [aSweep, { ...aSweep }],
    [when(scene, { job: checkJob(call), status: "failed" }, 40_000, rerun(scene, own, triggerJob(call)))],
    [when(scene, { job: checkJob(call), status: "failed" }, 40_000, { ...child, do: "rerun-from-failed" })],
    [when(scene, { job: checkJob(call), status: "success" }, 40_000, rerun(scene, own, triggerJob(call)))],
  ];
}
