import { rerun, type Scene, when } from "./scene.ts";
import { type EventPlan, triggerJob } from "./world.ts";

/** Cancels and losses in the middle of a trigger job, with what people do next; and reruns of what polls. */
export function disturbTrigger(scene: Scene): readonly EventPlan[][] {
  const { random, call, own, child, work } = scene;
  const job = triggerJob(call);
  const begins = { job, status: "running" };
  // The child is there, and its trigger has not yet stored what it knows.
  const isAsked = work === null ? begins : { job: work, status: "running", project: child.project };
  const lose = { ...own, job, do: "lose-machine" } as const;
  const cancel = { ...own, job, do: "cancel-job" } as const;
  const gone = { job, status: "infrastructure_fail" };
  const again = rerun(scene, own, job);
  const moment = random.pick([begins, isAsked]);
  const within = moment === begins ? 8_000 : 1_200;
  const lost = when(scene, moment, within, lose);
  const canceled = when(scene, moment, within, cancel);
  return [
    [lost],
    [canceled],
    [lost, when(scene, gone, 20_000, again)],
    [canceled, when(scene, { job, status: "canceled" }, 20_000, again)],
    [
      when(scene, moment, within, { ...own, do: "cancel-workflow" }),
      when(scene, { job, status: "canceled" }, 8_000, again),
    ],
    [when(scene, { job, status: "failed" }, 40_000, again)],
    [when(scene, { job, status: "success" }, 60_000, again)],
    [when(scene, begins, 8_000, { ...own, do: "sweep" })],
  ];
}
