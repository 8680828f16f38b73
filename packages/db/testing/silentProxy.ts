import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose connections can go silent while they stay open, as those behind a dead NAT do. */
export interface SilentProxy {
  readonly port: number;
  /** How many connections have gone silent. */
  readonly silent: number;
  /** From now on no byte passes on the connections that there are; later ones work. */
  silence(): void;
  /** As `silence`, on later connections too, until `pass`. */
  swallow(): void;
  /** Later connections work again; those that are silent stay so. */
  pass(): void;
  /** As `silence`, on each connection as soon as its client has sent this text. */
  silenceOn(text: string): void;
  /** As `silence`, on those connections only whose client's first packet had this text; says how many they are. */
  silenceSenders(text: string): number;
  /** No byte passes on connections whose client's first packet has this text, present and later ones, until `pass`. */
  swallowSenders(text: string): void;
  /** As `swallowSenders`, but such connections are ended. */
  endSenders(text: string): void;
  /** Ends all connections; later ones go to another server. */
  redirect(target: { host: string; port: number }): void;
  /** Ends all connections and refuses new ones. */
  refuse(): Promise<void>;
  /** Accepts again, at the same port. */
  accept(): Promise<void>;
}

export async function openSilentProxy(first: { host: string; port: number }): Promise<SilentProxy> {
  let target = first;
  const sockets = new Set<Socket>();
  const silent = new Set<Socket>();
  /** The first packet of each client: PostgreSQL's startup packet names the application. */
  const greetings = new Map<Socket, Buffer>();
  let trigger: string | undefined;
  let isSwallowing = false;
  let unwanted: { readonly text: string; readonly treat: (client: Socket) => void } | undefined;
  const swallow = (client: Socket) => void silent.add(client);
  const end = (client: Socket) => void client.destroy();
  const treatSenders = (text: string, treat: (client: Socket) => void) => {
    unwanted = { text, treat };
    for (const [client, greeting] of greetings) if (greeting.includes(text)) treat(client);
  };

  const look = (client: Socket, data: Buffer) => {
    if (!greetings.has(client)) {
      greetings.set(client, data);
      if (unwanted && data.includes(unwanted.text)) unwanted.treat(client);
    }
    if (trigger !== undefined && data.includes(trigger)) silent.add(client);
  };

  const server = createServer((client) => {
    const upstream = connect(target);
    const forward = (from: Socket, to: Socket) => {
      sockets.add(from);
      from.on('data', (data) => {
        if (from === client) look(client, data);
        if (!silent.has(client)) to.write(data);
      });
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        greetings.delete(from);
        if (!silent.has(client)) to.destroy();
      });
    };
    forward(client, upstream);
    forward(upstream, client);
    clients.add(client);
    if (isSwallowing) silent.add(client);
  });
  const clients = new Set<Socket>();

  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    get silent() {
      return silent.size;
    },
    silence: () => {
      for (const client of clients) silent.add(client);
    },
    swallow: () => {
      isSwallowing = true;
      for (const client of clients) silent.add(client);
    },
    pass: () => {
      isSwallowing = false;
      unwanted = undefined;
    },
    silenceOn: (text) => {
      trigger = text;
    },
    silenceSenders: (text) => {
      const chosen = [...greetings].filter(([client, greeting]) => !silent.has(client) && greeting.includes(text));
      for (const [client] of chosen) silent.add(client);
      return chosen.length;
    },
    swallowSenders: (text) => treatSenders(text, swallow),
    endSenders: (text) => treatSenders(text, end),
    redirect: (next) => {
      target = next;
      for (const socket of sockets) socket.destroy();
    },
    refuse: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    accept: () => listen(port),
  };
}
