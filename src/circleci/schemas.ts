import * as v from "valibot";

/**
 * The parts of API v2's answers that commands read. Everything else in an answer is ignored, and a
 * status stays text: the service may know more of them than its reference does.
 */

const optionalText = v.nullish(v.string(), null);

export const Me = v.object({ id: v.string(), login: v.string() });

export const TriggeredPipeline = v.object({
  id: v.string(),
  number: v.number(),
  state: v.string(),
  created_at: v.string(),
});
export type TriggeredPipeline = v.InferOutput<typeof TriggeredPipeline>;

export const Pipeline = v.object({
  id: v.string(),
  number: v.number(),
  project_slug: v.string(),
  created_at: v.string(),
  state: v.string(),
  errors: v.nullish(v.array(v.object({ type: v.string(), message: v.string() })), []),
  /** Whose token or hand has triggered it. */
  trigger: v.nullish(v.object({ actor: v.nullish(v.object({ login: optionalText }), null) }), null),
});
export type Pipeline = v.InferOutput<typeof Pipeline>;

export const Workflow = v.object({
  id: v.string(),
  name: v.string(),
  project_slug: v.string(),
  pipeline_id: v.string(),
  pipeline_number: v.number(),
  /** Null was seen in the service for a workflow that is only just there. */
  status: optionalText,
  tag: optionalText,
  created_at: v.string(),
  stopped_at: optionalText,
  /** Whoever has cancelled it as a whole; null also where a single job was. */
  canceled_by: optionalText,
  auto_rerun_number: v.nullish(v.number(), 0),
  max_auto_reruns: v.nullish(v.number(), 0),
});
export type Workflow = v.InferOutput<typeof Workflow>;

export const Job = v.object({
  id: v.string(),
  name: v.string(),
  type: optionalText,
  status: v.string(),
  job_number: v.nullish(v.number(), null),
  project_slug: v.string(),
  approved_by: optionalText,
  stopped_at: optionalText,
  dependencies: v.nullish(v.array(v.string()), []),
  /** By the id of a job that this one requires: how that may end. Older servers do not tell. */
  requires: v.nullish(v.record(v.string(), v.array(v.string())), {}),
});
export type Job = v.InferOutput<typeof Job>;

export const Config = v.object({ source: optionalText, compiled: optionalText });

export const Artifact = v.object({ path: v.string(), url: v.string() });
export type Artifact = v.InferOutput<typeof Artifact>;

export const User = v.object({ name: optionalText, login: optionalText });

export const Rerun = v.object({ workflow_id: v.string() });

/** The parts of API v1.1's description of a job that lead to a step's output. */
export const JobDetail = v.object({
  steps: v.array(
    v.object({
      name: v.string(),
      actions: v.array(v.object({ status: optionalText, output_url: optionalText })),
    }),
  ),
});

export const StepOutput = v.array(v.object({ message: v.string() }));

export const Message = v.object({ message: v.string() });

export function page<T extends v.GenericSchema>(item: T) {
  return v.object({ items: v.array(item), next_page_token: optionalText });
}
