/**
 * A copy of what a step adds to the workspace lies here: so that it gets what this job has made, and not again what
 * the job had attached.
 */
export const persistedRoot = ".circleback/persisted";
