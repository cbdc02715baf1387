import { type AddressInfo, createServer, type Server, Socket } from "node:net";

/** A network between a client and a server, which can be slow, and can break. */
export interface Wire {
  /** `127.0.0.1` */
  readonly address: string;
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Bytes so far, in both directions and over all connections. */
  readonly carried: number;
  /** Resolves as soon as that much has been carried; after the last connection it may never be. */
  untilCarried(bytes: number): Promise<void>;
  /** Breaks all connections; with `refuse`, new ones find nobody any more. */
  cut(then?: "refuse"): Promise<void>;
  /** Carries nothing from now on, but keeps the connections. */
  freeze(): void;
  stop(): Promise<void>;
}

export interface WireOptions {
  readonly to: { readonly address: string; readonly port: number };
  /** How long bytes travel in each direction, in milliseconds. */
  readonly delay?: number;
  /** All connections break once the server has answered with this many bytes. */
  readonly cutAfter?: number;
}

export async function startWire({ to, delay = 0, cutAfter = Infinity }: WireOptions): Promise<Wire> {
  const sockets = new Set<Socket>();
  let [connections, carried, answered, frozen] = [0, 0, 0, false];
  let awaited: readonly { readonly bytes: number; readonly resolve: () => void }[] = [];
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };

  const carry = (from: Socket, into: Socket, isAnswer: boolean) => {
    const later = (action: () => void) => (delay === 0 ? action() : setTimeout(action, delay));
    from.on("data", (chunk) => {
      if (frozen) return;
      if (isAnswer) answered += chunk.length;
      if (answered >= cutAfter) return breakAll();
      later(() => {
        if (into.destroyed) return;
        into.write(chunk);
        carried += chunk.length;
        for (const { bytes, resolve } of awaited) if (carried >= bytes) resolve();
        awaited = awaited.filter(({ bytes }) => carried < bytes);
      });
    });
    from.on("end", () => later(() => into.end()));
    from.on("error", () => into.destroy());
    from.on("close", () => {
      sockets.delete(from);
      if (from.errored !== null) into.destroy();
    });
  };

  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    connections += 1;
    const onward = new Socket({ allowHalfOpen: true }).setNoDelay(true);
    for (const socket of [client, onward]) sockets.add(socket);
    carry(client, onward, false);
    carry(onward, client, true);
    onward.connect(to.port, to.address);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { address, port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      breakAll();
    });
  return {
    address,
    port,
    get connections() {
      return connections;
    },
    get carried() {
      return carried;
    },
    untilCarried: (bytes) =>
      new Promise((resolve) => {
        if (carried >= bytes) return resolve();
        awaited = [...awaited, { bytes, resolve }];
      }),
    async cut(then) {
      if (then === "refuse") await close();
      else breakAll();
    },
    freeze() {
      frozen = true;
    },
    stop: close,
  };
}
