import { type AddressInfo, createServer, type Server, Socket } from "node:net";

/** A network between a client and a server, which can be slow, and can break. */
export interface Wire {
  /** `127.0.0.1` */
  readonly address: string;
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Resolves as soon as the server has answered with that much, over all connections. */
  untilAnswered(bytes: number): Promise<void>;
  /** Breaks all connections; with `refuse`, new ones find nobody any more. */
  cut(then?: "refuse"): Promise<void>;
  /** Carries nothing until it is released, and breaks nothing. */
  hold(): void;
  release(): void;
  stop(): Promise<void>;
}

export interface WireOptions {
  /** The port may be behind the address: `127.0.0.1:5000`. */
  readonly to: { readonly address: string; readonly port?: number };
  /** How long bytes travel in each direction, in milliseconds. */
  readonly delay?: number;
  /** All connections break when the server has answered with this many bytes; later ones do not. */
  readonly cutAfter?: number;
  /** As if held once the server has answered with this many bytes. */
  readonly holdAfter?: number;
}

export async function startWire(options: WireOptions): Promise<Wire> {
  const { to, delay = 0, cutAfter = Infinity, holdAfter = Infinity } = options;
  const sockets = new Set<Socket>();
  let [connections, answered, isHeld, wasHeld, wasCut] = [0, 0, false, false, false];
  let awaited: readonly { readonly bytes: number; readonly resolve: () => void }[] = [];
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };

  const hold = () => {
    [isHeld, wasHeld] = [true, true];
    for (const socket of sockets) socket.pause();
  };

  const carry = (from: Socket, into: Socket, isAnswer: boolean) => {
    const later = (action: () => void) => (delay === 0 ? action() : setTimeout(action, delay));
    from.on("data", (chunk) => {
      if (isAnswer) answered += chunk.length;
      if (answered >= cutAfter && !wasCut) {
        wasCut = true;
        return breakAll();
      }
      later(() => {
        if (!into.destroyed) into.write(chunk);
      });
      if (answered >= holdAfter && !wasHeld) hold();
      for (const { bytes, resolve } of awaited) if (answered >= bytes) resolve();
      awaited = awaited.filter(({ bytes }) => answered < bytes);
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
    onward.connect(to.port ?? Number(to.address.split(":")[1]), to.address.split(":")[0] ?? "");
    if (isHeld) hold();
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
    untilAnswered: (bytes) =>
      new Promise((resolve) => {
        if (answered >= bytes) return resolve();
        awaited = [...awaited, { bytes, resolve }];
      }),
    async cut(then) {
      if (then === "refuse") await close();
      else breakAll();
    },
    hold,
    release() {
      isHeld = false;
      for (const socket of sockets) socket.resume();
    },
    stop: close,
  };
}
