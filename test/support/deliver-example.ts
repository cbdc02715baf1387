import { fillScenario, type ImageParts, startImageParts, stopAll } from "./run-example.ts";

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
