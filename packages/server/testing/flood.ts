import { Agent, request } from 'node:http';

/** The outcomes of a flood's requests. */
interface FloodOutcomes {
  /** Answers that came whole, by their HTTP status. */
  readonly answered: ReadonlyMap<number, number>;
  /** Requests whose connection ended before an answer had begun. */
  readonly unanswered: number;
  /** Answers that had begun, and broke off. */
  readonly broken: number;
}

/** Clients that each send the next request once the one before is over. */
export interface Flood {
  readonly outcomes: FloodOutcomes;
  /** Resolves once no client sends anything any longer, since the server takes no more connections. */
  readonly ended: Promise<unknown>;
}

/** Floods a server, until it takes no more connections, with POSTs of GraphQL over connections that are kept open. */
export function startFlood(url: string, headers: Record<string, string>, clients: number, body: () => object): Flood {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const answered = new Map<number, number>();
  const outcomes = { answered, unanswered: 0, broken: 0 };

  /** @returns false where the server takes no more connections */
  const ask = () =>
    new Promise<boolean>((resolve) => {
      const sent = request(`${url}/graphql`, {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', ...headers },
      });
      let hasBegun = false;
      sent.on('response', (response) => {
        hasBegun = true;
        const status = response.statusCode ?? 0;
        response.resume();
        response.on('close', () => {
          if (response.complete) answered.set(status, (answered.get(status) ?? 0) + 1);
          else outcomes.broken += 1;
          resolve(true);
        });
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (hasBegun) return;
        const isRefused = error.code === 'ECONNREFUSED';
        if (!isRefused) outcomes.unanswered += 1;
        resolve(!isRefused);
      });
      sent.end(JSON.stringify(body()));
    });

  const run = async () => {
    while (await ask());
  };
  const ended = Promise.all(Array.from({ length: clients }, run)).finally(() => agent.destroy());
  return { outcomes, ended };
}
