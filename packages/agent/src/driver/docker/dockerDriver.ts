import type { DockerConfig, RegistriesConfig } from '../../config/agentConfig.ts';
import type { Driver, DriverOwner } from '../driver.ts';
import { DriverError } from '../driverError.ts';
import { withDriverErrors } from '../driverFailures.ts';
import { EngineRefusal } from '../http/engineRefusal.ts';
import { jsonLines } from '../http/jsonLines.ts';
import { lines } from '../http/lines.ts';
import { identityOf, isSameIdentity, labelNames } from '../identity.ts';
import type { RunSpec } from '../runSpec.ts';
import { type InspectedContainer, type ListedContainer, observeContainer } from './container.ts';
import { containerBody } from './containerBody.ts';
import { createImages } from './dockerImages.ts';
import { createEngine, type Engine, type EngineCall } from './engine.ts';
import { logText } from './logFrames.ts';

/** How containers are run. */
export interface DockerDriverOptions extends DriverOwner, DockerConfig {
  readonly registries: RegistriesConfig;
  /** The longest silence of the engine during a call, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** The same for making and removing, which copy and delete files. Default 120,000. */
  readonly longTimeoutMs?: number;
}

/**
 * Runs plugins as containers of an engine that speaks Docker's API (Docker, Podman). It connects for each request: an
 * engine that is away is ENGINE_UNAVAILABLE for as long as it is.
 */
export function openDockerDriver(options: DockerDriverOptions): Driver {
  const { owner, socketPath, network, registries, timeoutMs = 30_000, longTimeoutMs = 120_000 } = options;
  const engine = createEngine({ socketPath, timeoutMs });
  const images = createImages(engine, registries);
  const closing = new AbortController();
  const ownLabel = `${labelNames.owner}=${owner}`;
  const own = createOwnContainers(engine, owner);

  return withDriverErrors({
    kind: 'docker',
    restartsItself: false,
    // On the host's network a container listens on the host's ports.
    runsBeside: network !== 'host',
    images,
    list: async () => {
      const query = { all: 'true', filters: JSON.stringify({ label: [ownLabel] }) };
      const listed = await engine.json<ListedContainer[]>({ method: 'GET', path: '/containers/json', query });
      // One that was removed meanwhile is no part of the answer.
      const found = await Promise.all(listed.map(({ Id }) => own.inspect(Id)));
      return found.map((container) => container && observeContainer(container)).filter((each) => each !== undefined);
    },
    create: async (spec) => {
      if (spec.image === null) throw new DriverError('REFUSED', 'expected an image; got none');
      const body = containerBody(spec, network, await images.userOf(spec.image));
      const call: EngineCall = { method: 'POST', path: '/containers/create', query: { name: spec.name }, body };
      try {
        return (await engine.json<{ Id: string }>({ ...call, timeoutMs: longTimeoutMs })).Id;
      } catch (error) {
        if (error instanceof EngineRefusal && error.status === 409) return await own.holderOf(spec);
        // 404 is here an image that was removed just now.
        throw error instanceof EngineRefusal ? new DriverError('REFUSED', error.message) : error;
      }
    },
    start: async (id) => {
      await own.require(id);
      await engine.send({ method: 'POST', path: `/containers/${id}/start`, timeoutMs: longTimeoutMs });
    },
    stop: async (id, graceMs) => {
      if ((await own.inspect(id)) === undefined) return;
      const query = { t: String(Math.ceil(graceMs / 1_000)) };
      const call: EngineCall = {
        method: 'POST',
        path: `/containers/${id}/stop`,
        query,
        timeoutMs: graceMs + timeoutMs,
      };
      await engine.send(call).catch(unlessStatus(404));
    },
    remove: async (id) => {
      if ((await own.inspect(id)) === undefined) return;
      const query = { force: 'true', v: 'true' };
      const call: EngineCall = { method: 'DELETE', path: `/containers/${id}`, query, timeoutMs: longTimeoutMs };
      // 409: it is being removed already.
      await engine.send(call).catch(unlessStatus(404, 409));
    },
    logs: async function* (id, { tail, follow, signal }) {
      await own.require(id);
      const query = { stdout: 'true', stderr: 'true', tail: String(tail), follow: String(follow) };
      const ending = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      const call: EngineCall = { method: 'GET', path: `/containers/${id}/logs`, query, signal: ending };
      yield* untilAborted(ending, async function* () {
        const { chunks } = await engine.stream(follow ? call : { ...call, timeoutMs });
        yield* lines(logText(chunks));
      });
    },
    events: (signal) => {
      const ending = AbortSignal.any([signal, closing.signal]);
      const query = { filters: JSON.stringify({ type: ['container'], label: [ownLabel] }) };
      return untilAborted(ending, async function* () {
        const { chunks } = await engine.stream({ method: 'GET', path: '/events', query, signal: ending });
        // Whatever happened before the stream began has no event.
        yield;
        for await (const _ of jsonLines(chunks)) yield;
      });
    },
    close: async () => closing.abort(),
  });
}

/** The containers of one owner; those of others aren't there. */
interface OwnContainers {
  /** Undefined where there is none. */
  inspect(id: string): Promise<InspectedContainer | undefined>;
  /** @throws DriverError ABSENT */
  require(id: string): Promise<void>;
  /** The id of the container that has a spec's name. @throws DriverError NAME_TAKEN if it is of another identity */
  holderOf(spec: RunSpec): Promise<string>;
}

function createOwnContainers(engine: Engine, owner: string): OwnContainers {
  const inspectAny = (id: string) =>
    engine
      .json<InspectedContainer>({ method: 'GET', path: `/containers/${encodeURIComponent(id)}/json` })
      .catch(unlessStatus(404));
  const inspect = async (id: string) => {
    const found = await inspectAny(id);
    return found?.Config.Labels?.[labelNames.owner] === owner ? found : undefined;
  };
  return {
    inspect,
    require: async (id) => {
      if ((await inspect(id)) === undefined) throw new DriverError('ABSENT', `there is no container ${id}`);
    },
    holderOf: async ({ name, identity }) => {
      const holder = await inspectAny(name);
      if (holder === undefined) throw new DriverError('REFUSED', `the container ${name} was removed just now`);
      const found = identityOf(holder?.Config.Labels ?? {});
      if (found && isSameIdentity(found, identity)) return holder.Id;
      throw new DriverError('NAME_TAKEN', `the name ${name} belongs to another container`);
    },
  };
}

/** For `catch`: undefined instead of a refusal with one of these statuses. */
function unlessStatus(...statuses: readonly number[]): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof EngineRefusal && statuses.includes(error.status)) return undefined;
    throw error;
  };
}

/** The values of a stream; it ends, and doesn't fail, once the signal aborts. */
async function* untilAborted<Value>(
  signal: AbortSignal,
  stream: () => AsyncGenerator<Value, void>,
): AsyncGenerator<Value, void> {
  try {
    yield* stream();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
