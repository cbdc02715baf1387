import * as v from "valibot";

/**
 * The parts of API v2's answers that commands read. Everything else in an answer is ignored, and a
 * status stays text: the service may know more of them than its reference does.
 */

const optionalText = v.optional(v.nullable(v.string()), null);

export const Me = v.looseObject({ id: v.string(), login: v.string() });

export const TriggeredPipeline = v.looseObject({
  id: v.string(),
  number: v.number(),
  state: v.string(),
  created_at: v.string(),
});
export type TriggeredPipeline = v.InferOutput<typeof TriggeredPipeline>;

export const Pipeline = v.looseObject({
  id: v.string(),
  number: v.number(),
  project_slug: v.string(),
  state: v.string(),
  errors: v.optional(v.array(v.looseObject({ type: v.string(), message: v.string() })), []),
});
export type Pipeline = v.InferOutput<typeof Pipeline>;

export const Workflow = v.looseObject({
  id: v.string(),
  name: v.string(),
  project_slug: v.string(),
  pipeline_id: v.string(),
  pipeline_number: v.number(),
  /** Null was seen in the service for a workflow that is only just there. */
  status: optionalText,
  tag: optionalText,
  created_at: v.string(),
});
export type Workflow = v.InferOutput<typeof Workflow>;

export const Job = v.looseObject({
  id: v.string(),
  name: v.string(),
  type: optionalText,
  status: v.string(),
  job_number: v.optional(v.nullable(v.number()), null),
  project_slug: v.string(),
  approved_by: optionalText,
  dependencies: v.optional(v.array(v.string()), []),
});
export type Job = v.InferOutput<typeof Job>;

export const Message = v.looseObject({ message: v.string() });

export function page<T extends v.GenericSchema>(item: T) {
  return v.looseObject({ items: v.array(item), next_page_token: optionalText });
}
