import { type Scene, when } from "./scene.ts";
import { type EventPlan, holdJob, triggerJob } from "./world.ts";

/** Two runs of a parent that want the same child: one is cancelled, or was, while the other goes on. */
export function shareChild(scene: Scene): readonly EventPlan[][] {
  const { random, call, own } = scene;
  const trigger = triggerJob(call);
  const hold = holdJob(call);
  const deed = (name: EventPlan["do"], job = "") => ({ ...own, job, do: name });
  const first = (job: string, status: string, within: number, what: ReturnType<typeof deed>) => {
    const event = when(scene, { job, status }, within, what);
    return event.when === null ? event : { ...event, when: { ...event.when, nth: 1 } };
  };
  const later = (within: number) => {
    const event = first(trigger, "running", within, deed("cancel-job", trigger));
    return event.when === null ? event : { ...event, when: { ...event.when, nth: random.pick([2, 3]) } };
  };
  const cancel = first(hold, "on_hold", 4_000, deed("cancel-workflow"));
  const repeat = (status: string, how: EventPlan["do"]) =>
    first(call.wait === "hold" && status === "canceled" ? hold : trigger, status, 3_000, deed(how, trigger));
  if (call.wait !== "hold") {
    return [[repeat("failed", "rerun-from-failed"), repeat("failed", "rerun-from-failed"), later(20_000)]];
  }
  return [
    [cancel, repeat("canceled", "rerun-job"), repeat("canceled", "rerun-job"), later(2_500)],
    [cancel, repeat("canceled", "rerun-from-failed"), repeat("canceled", "rerun-from-failed")],
    [cancel, repeat("canceled", "rerun-from-failed"), first(hold, "canceled", 20_000, deed("sweep"))],
  ];
}
