import { DriverError } from '../driverError.ts';
import { EngineRefusal } from '../http/engineRefusal.ts';
import { type EngineRequest, type EngineStream, openStream, textOf } from '../http/openStream.ts';

/** The versions of the Engine API that this client speaks. Podman speaks 1.41. */
const oldest = '1.41';
const newest = '1.52';

/** A request, before the version is known. Where it says no time limit, it has the engine's. */
export type EngineCall = Omit<EngineRequest, 'timeoutMs'> & { readonly timeoutMs?: number };

/** A container engine behind a unix socket. */
export interface Engine {
  /** @throws EngineRefusal; DriverError ENGINE_UNAVAILABLE; the signal's reason once aborted */
  json<Answer>(call: EngineCall): Promise<Answer>;
  /** Sends a request whose answer says nothing but that it is done. Throws as `json` does. */
  send(call: EngineCall): Promise<void>;
  /** Opens an answer that comes bit by bit, without a time limit unless the call has one. Throws as `json` does. */
  stream(call: EngineCall): Promise<EngineStream>;
}

/** How to reach an engine. */
export interface EngineOptions {
  readonly socketPath: string;
  /** The longest silence during a call that the engine answers at once, in milliseconds. */
  readonly timeoutMs: number;
}

/** A client; it connects for each request, and asks for the engine's version before the first. */
export function createEngine({ socketPath, timeoutMs }: EngineOptions): Engine {
  // HTTP wants a host, even where a socket needs none.
  const connection = { socketPath, host: 'engine' };
  let version: Promise<string> | undefined;

  async function negotiate(): Promise<string> {
    const { chunks } = await openStream(connection, { method: 'GET', path: '/version', timeoutMs });
    return chooseVersion(JSON.parse(await textOf(chunks)));
  }

  async function open(call: EngineCall, limitMs: number): Promise<EngineStream> {
    version ??= negotiate();
    const known = version;
    try {
      return await openStream(connection, { timeoutMs: limitMs, ...call, path: `/v${await known}${call.path}` });
    } catch (error) {
      const isOver =
        error instanceof EngineRefusal && error.status === 400 && /API version|client version/i.test(error.message);
      // Without one, or with another engine than before, the next call asks again.
      if ((isOver || !(error instanceof EngineRefusal)) && version === known) version = undefined;
      if (!isOver) throw error;
      return openStream(connection, { timeoutMs: limitMs, ...call, path: `/v${await negotiate()}${call.path}` });
    }
  }

  const text = async (call: EngineCall) => textOf((await open(call, timeoutMs)).chunks);
  return {
    json: async (call) => JSON.parse(await text(call)),
    send: async (call) => void (await text(call)),
    stream: (call) => open(call, 0),
  };
}

/** The newest version that both sides speak. @throws DriverError REFUSED if there is none */
function chooseVersion(engine: { ApiVersion?: string; MinAPIVersion?: string }): string {
  const { ApiVersion = '', MinAPIVersion = oldest } = engine;
  const chosen = isNewer(ApiVersion, newest) ? newest : ApiVersion;
  if (!/^\d+\.\d+$/.test(ApiVersion) || isNewer(oldest, chosen) || isNewer(MinAPIVersion, chosen)) {
    const found = `${MinAPIVersion} to ${ApiVersion || 'none'}`;
    throw new DriverError(
      'REFUSED',
      `expected an engine with a version of the API from ${oldest} to ${newest}; it has ${found}`,
    );
  }
  return chosen;
}

function isNewer(one: string, other: string): boolean {
  return rankOf(one) > rankOf(other);
}

function rankOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1_000 + minor;
}
