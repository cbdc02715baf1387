/** What AWS takes where a task definition does not say it, and answers then in part (Amazon ECS API Reference). */
const defaults: Readonly<Record<string, unknown>> = {
  cpu: 0,
  cpuArchitecture: "X86_64",
  essential: true,
  hostPort: 0,
  networkMode: "bridge",
  operatingSystemFamily: "LINUX",
  protocol: "tcp",
  versionConsistency: "enabled",
  // of a health check
  interval: 30,
  retries: 3,
  startPeriod: 0,
  timeout: 5,
};

/** Whose keys are anybody's: nothing in them is a default. */
const freeMappings = ["dockerLabels", "driverOpts", "labels", "options"];

/** Whether two task definitions mean the same, whichever of them says what goes without saying. */
export function isSameDefinition(one: object, other: object): boolean {
  return showEssence(one) === showEssence(other);
}

function showEssence(definition: object): string {
  const mode = "networkMode" in definition ? definition.networkMode : "";
  return JSON.stringify(reduce(definition, mode === "awsvpc" || mode === "host")) ?? "";
}

/** Undefined for what says nothing. Only texts have an order in a list: AWS may answer containers and variables in another. */
function reduce(value: unknown, isHostNetwork: boolean, isFree = false): unknown {
  if (Array.isArray(value)) {
    const items = value.map((each) => reduce(each, isHostNetwork) ?? each);
    const isOrdered = items.some((each) => typeof each !== "object");
    if (items.length === 0) return undefined;
    return isOrdered ? items : items.map((each) => JSON.stringify(each)).sort();
  }
  if (typeof value !== "object" || value === null) return value === "" ? undefined : (value ?? undefined);
  const entries = Object.entries(value)
    .filter(([name, each]) => isFree || !isDefault(name, each, value, isHostNetwork))
    .map(
      ([name, each]) =>
        [name, isFree ? each : reduce(each, isHostNetwork, freeMappings.includes(name))] as const,
    )
    .filter(([, each]) => each !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function isDefault(
  name: string,
  value: unknown,
  { containerPort }: { containerPort?: unknown },
  isHostNetwork: boolean,
) {
  if (name === "hostPort" && isHostNetwork && value === containerPort) return true;
  return name in defaults ? value === defaults[name] : value === false;
}
