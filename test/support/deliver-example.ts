import { fillScenario, type ImageParts, runInSight, startImageParts, stopAll } from "./run-example.ts";

export interface Delivery extends ImageParts {
  /** The example's scenario, with absolute paths and with the addresses of these servers. */
  readonly scenario: string;
}

/** Starts all servers that examples/deliver needs. */
export async function openDelivery(): Promise<Delivery> {
  const parts = await startImageParts();
  const { engine, model } = parts;
  const { scenario, stop } = fillScenario("deliver", {
    environment: { DOCKER_HOST: engine.host },
    contexts: { aws: { AWS_ENDPOINT_URL: model.url } },
  });
  return { engine, model, scenario, stop: () => stopAll([{ stop }, parts]) };
}

/** Runs the example as its README says, with the built program, in sight; answers its exit code. */
export async function runDeliver(options: readonly string[]): Promise<number | null> {
  const delivery = await openDelivery();
  try {
    return await runInSight(delivery.scenario, options);
  } finally {
    await delivery.stop();
  }
}
