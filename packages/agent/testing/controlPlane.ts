import { createStorage, graphql, runCommand, spawnServer } from '@muster/server/testing';

/** A server that is a process, is closed by its first key, and comes back at the same address after it was killed. */
export interface ControlPlane {
  /** The GraphQL endpoint. */
  readonly url: string;
  /** Asks as the owner of the first key; a refusal fails the test. */
  ask<Data>(document: string, variables?: Record<string, unknown>): Promise<Data>;
  /** Runs a mutation whose input type has the mutation's name, and returns what is selected of the payload. */
  change<Payload>(mutation: string, input: Record<string, unknown>, selection: string): Promise<Payload>;
  /** Ends it by SIGKILL. */
  kill(): Promise<void>;
  /** Starts it once it was killed. */
  restart(): Promise<void>;
  /** Ends it, and removes its database. */
  remove(): Promise<void>;
}

/** Starts a server from nothing. */
export async function startControlPlane(): Promise<ControlPlane> {
  const storage = await createStorage();
  const token = (await runCommand(['keys', 'generate'], {})).output.trim();
  const env: Record<string, string> = {
    ...storage.env,
    MUSTER_BOOTSTRAP_KEY: token,
    MUSTER_PUBLISH_INTERVAL_MS: '1000',
    MUSTER_SWEEP_INTERVAL_MS: '500',
  };
  let server = await spawnServer(env);
  const { url } = server;
  env.PORT = new URL(url).port;

  async function ask<Data>(document: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const { data, errors } = await graphql<Data>(url, document, variables, token);
    if (errors || !data) throw new Error(`${document}: ${JSON.stringify(errors)}`);
    return data;
  }
  const kill = async () => {
    server.kill('SIGKILL');
    await server.ended;
  };
  return {
    url: `${url}/graphql`,
    ask,
    change: async <Payload>(mutation: string, input: Record<string, unknown>, selection: string) => {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
      const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} } }`;
      const data = await ask<Record<string, Payload>>(document, { input });
      return data[mutation] as Payload;
    },
    kill,
    restart: async () => {
      server = await spawnServer(env);
    },
    remove: async () => {
      await kill();
      await storage.remove();
    },
  };
}
