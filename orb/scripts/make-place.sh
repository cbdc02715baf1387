# What is persisted to the workspace must exist, whatever becomes of this job, and be no file of another job's.
mkdir -p "$CIRCLEBACK_FOLDER"
: >"$CIRCLEBACK_FOLDER/$CIRCLE_WORKFLOW_JOB_ID-$CIRCLE_NODE_INDEX"
