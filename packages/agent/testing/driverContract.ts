import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Driver } from '../src/driver/driver.ts';
import type { DriverError } from '../src/driver/driverError.ts';
import type { Observed } from '../src/driver/observed.ts';
import type { RunSpec } from '../src/driver/runSpec.ts';

/**
 * How a plugin of the contract behaves. SERVES: writes `serving`, and ends by SIGTERM. FAILS: writes `one` and `two`, and
 * ends with 3. STUBBORN: writes `serving`, and takes no notice of SIGTERM.
 */
export type Behaviour = 'SERVES' | 'FAILS' | 'STUBBORN';

/** An engine that drivers are tried on. */
export interface ContractEngine {
  /** Opens a driver; several may be open at a time. */
  open(owner: string): Promise<Driver>;
  /** The part of a spec that says what runs. */
  program(behaviour: Behaviour): Pick<RunSpec, 'image' | 'command' | 'arguments' | 'environment'>;
}

/** A spec of a new plugin, unless `pluginId` says which. */
export function specOf(
  engine: ContractEngine,
  behaviour: Behaviour,
  { owner, generation = 1, pluginId = `plugin-${randomBytes(4).toString('hex')}` }: SpecOptions,
): RunSpec {
  return {
    identity: {
      owner,
      domainId: 'domain-1',
      pluginId,
      version: '1.0.0+build/7',
      generation,
      specHash: 'a1b2c3d4',
      agentVersion: '0.1.0',
    },
    name: `muster-domain1-${pluginId}-a1b2c3d4-g${generation}`,
    ...engine.program(behaviour),
    ports: [{ name: 'grpc', port: 50_051, scheme: 'grpc' }],
    health: { kind: 'NONE', port: null, path: null, service: null, intervalSeconds: 5 },
    limits: {
      memoryMib: 256,
      cpuMillis: 500,
      pids: 64,
      readOnlyRootFilesystem: true,
      capabilities: [],
      user: null,
    },
    stopTimeoutSeconds: 10,
    pullPolicy: 'IfNotPresent',
  };
}

interface SpecOptions {
  readonly owner: string;
  readonly generation?: number;
  readonly pluginId?: string;
}

const longGraceMs = 60_000;

/** The rules that every driver keeps. @param engine opened by the file, before its tests */
export function describeDriverContract(name: string, engine: () => ContractEngine): void {
  const newOwner = () => `owner-${randomBytes(4).toString('hex')}`;
  const openDriver = async (owner: string) => {
    const driver = await engine().open(owner);
    onTestFinished(async () => {
      for (const { id } of await driver.list()) await driver.remove(id);
      await driver.close();
    });
    return driver;
  };
  /** A driver of a new owner, and a plugin of it that has been made. */
  const make = async (behaviour: Behaviour) => {
    const owner = newOwner();
    const driver = await openDriver(owner);
    const spec = specOf(engine(), behaviour, { owner });
    return { owner, driver, spec, id: await driver.create(spec) };
  };
  const seen = async (driver: Driver, id: string) => (await driver.list()).find((each) => each.id === id);
  const becomes = (driver: Driver, id: string, expected: Partial<Observed>) =>
    expect.poll(() => seen(driver, id), { interval: 50 }).toMatchObject(expected);
  const read = async (driver: Driver, id: string, tail = 100) => {
    const lines: string[] = [];
    for await (const line of driver.logs(id, { tail, follow: false })) lines.push(line);
    return lines;
  };

  describe(`a driver (${name})`, () => {
    test('G2: lists what it made, with the whole identity, and nothing before', async () => {
      const owner = newOwner();
      const driver = await openDriver(owner);
      expect(await driver.list()).toEqual([]);
      const spec = specOf(engine(), 'SERVES', { owner });
      const id = await driver.create(spec);
      expect(await driver.list()).toEqual([
        expect.objectContaining({ id, identity: spec.identity, status: 'CREATED', exitCode: null, ports: [] }),
      ]);
    });

    test('starts what it made, and says since when it runs and where its ports answer', async () => {
      const { driver, id } = await make('SERVES');
      await driver.start(id);
      await becomes(driver, id, { status: 'RUNNING', startedAtMs: expect.any(Number), exitCode: null });
      const { ports } = (await seen(driver, id)) ?? {};
      expect(ports).toEqual([expect.objectContaining({ name: 'grpc', host: expect.any(String) })]);
      expect(ports?.[0]?.port).toBeGreaterThan(0);
    });

    test('G1: makes a thing once, however often it is asked to', async () => {
      const { driver, spec, id } = await make('SERVES');
      expect(await driver.create(spec)).toBe(id);
      expect(await driver.create({ ...spec, identity: { ...spec.identity, agentVersion: '0.2.0' } })).toBe(id);
      expect(await driver.list()).toHaveLength(1);
    });

    test('refuses a name that belongs to anything else, of whatever owner', async () => {
      const { driver, spec, id } = await make('SERVES');
      const other = { ...spec, identity: { ...spec.identity, generation: 2 } };
      await expect(driver.create(other)).rejects.toMatchObject({ name: 'DriverError', code: 'NAME_TAKEN' });
      const owner = newOwner();
      const stranger = await openDriver(owner);
      const theirs = { ...spec, identity: { ...spec.identity, owner } };
      await expect(stranger.create(theirs)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      expect(await driver.list()).toEqual([expect.objectContaining({ id, identity: spec.identity })]);
    });

    test('G1: starts a thing once, however often it is asked to', async () => {
      const { driver, id } = await make('SERVES');
      await driver.start(id);
      await becomes(driver, id, { status: 'RUNNING' });
      const before = await seen(driver, id);
      await driver.start(id);
      expect(await seen(driver, id)).toEqual(before);
    });

    test('G8: stops by SIGTERM, and resolves when it has ended', async () => {
      const { driver, id } = await make('SERVES');
      await driver.start(id);
      await expect.poll(() => read(driver, id), { interval: 50 }).toContain('serving');
      await driver.stop(id, longGraceMs);
      const ended = await seen(driver, id);
      expect(ended).toMatchObject({ status: driver.restartsItself ? 'CREATED' : 'ENDED', ports: [] });
      if (!driver.restartsItself) expect(ended?.exitCode).toBe(0);
      await driver.stop(id, longGraceMs);
    });

    test('G8: kills after the grace what takes no notice', async () => {
      const { driver, id } = await make('STUBBORN');
      await driver.start(id);
      await expect.poll(() => read(driver, id), { interval: 50 }).toContain('serving');
      await driver.stop(id, 1_000);
      const ended = await seen(driver, id);
      expect(ended).toMatchObject({ status: driver.restartsItself ? 'CREATED' : 'ENDED' });
      if (!driver.restartsItself) expect(ended?.exitCode).toBe(137);
    });

    test('starts again what was stopped', async () => {
      const { driver, id } = await make('SERVES');
      await driver.start(id);
      await becomes(driver, id, { status: 'RUNNING' });
      await driver.stop(id, longGraceMs);
      await driver.start(id);
      await becomes(driver, id, { status: 'RUNNING', exitCode: null });
    });

    test('G5: says how a plugin ended by itself, and keeps what it wrote', async () => {
      const { driver, id } = await make('FAILS');
      await driver.start(id);
      await becomes(driver, id, { status: driver.restartsItself ? 'FAILING' : 'ENDED', exitCode: 3 });
      expect(await read(driver, id)).toEqual(expect.arrayContaining(['one', 'two']));
      expect(await read(driver, id, 1)).toEqual(['two']);
    });

    test('G1: removes what runs and what does not, and finds that done where there is nothing', async () => {
      const { driver, spec, id } = await make('SERVES');
      await driver.start(id);
      await driver.remove(id);
      await expect.poll(() => driver.list(), { interval: 50 }).toEqual([]);
      await driver.remove(id);
      await driver.stop(id, longGraceMs);
      const second = await driver.create(spec);
      await driver.remove(second);
      await expect.poll(() => driver.list(), { interval: 50 }).toEqual([]);
    });

    test('G2: neither sees nor touches what another owner made', async () => {
      const { driver, id } = await make('SERVES');
      await driver.start(id);
      await becomes(driver, id, { status: 'RUNNING' });
      const before = await seen(driver, id);
      const stranger = await openDriver(newOwner());
      expect(await stranger.list()).toEqual([]);
      await stranger.stop(id, 0);
      await stranger.remove(id);
      await expect(stranger.start(id)).rejects.toMatchObject({ code: 'ABSENT' });
      await expect(read(stranger, id)).rejects.toMatchObject({ code: 'ABSENT' });
      expect(await seen(driver, id)).toEqual(before);
    });

    test('says ABSENT where there is none to start or to read', async () => {
      const { driver, id } = await make('SERVES');
      await driver.remove(id);
      await expect.poll(() => driver.list(), { interval: 50 }).toEqual([]);
      const absent: Partial<DriverError> = { name: 'DriverError', code: 'ABSENT' };
      await expect(driver.start(id)).rejects.toMatchObject(absent);
      await expect(read(driver, id)).rejects.toMatchObject(absent);
    });

    test('G7: what runs goes on when the driver closes, and the next driver finds it as it was', async () => {
      const owner = newOwner();
      const first = await engine().open(owner);
      const id = await first.create(specOf(engine(), 'SERVES', { owner }));
      await first.start(id);
      await becomes(first, id, { status: 'RUNNING' });
      const before = await first.list();
      await first.close();
      const second = await openDriver(owner);
      expect(await second.list()).toEqual(before);
      await second.stop(id, longGraceMs);
      expect(await seen(second, id)).toMatchObject({ ports: [] });
    });

    test('G4: two generations of a plugin are two things', async () => {
      const { owner, driver, spec, id } = await make('SERVES');
      const { pluginId } = spec.identity;
      const next = await driver.create(specOf(engine(), 'SERVES', { owner, pluginId, generation: 2 }));
      expect(next).not.toBe(id);
      await driver.start(next);
      await becomes(driver, next, { status: 'RUNNING' });
      await driver.remove(id);
      await becomes(driver, next, { status: 'RUNNING' });
    });

    test('G1: hints that something changed when a plugin starts and when it ends', async () => {
      const { driver, id } = await make('SERVES');
      const stopping = new AbortController();
      let hints = 0;
      const following = (async () => {
        for await (const _ of driver.events(stopping.signal)) hints += 1;
      })();
      await driver.start(id);
      await becomes(driver, id, { status: 'RUNNING' });
      await expect.poll(() => hints).toBeGreaterThan(0);
      const before = hints;
      await driver.stop(id, longGraceMs);
      await expect.poll(() => hints).toBeGreaterThan(before);
      stopping.abort();
      await following.catch(() => {});
    });

    test('G9: follows what a plugin writes until it ends', async () => {
      const { driver, id } = await make('SERVES');
      await driver.start(id);
      await becomes(driver, id, { status: 'RUNNING' });
      const lines: string[] = [];
      const following = (async () => {
        for await (const line of driver.logs(id, { tail: 10, follow: true })) lines.push(line);
      })();
      await expect.poll(() => lines).toContain('serving');
      await driver.stop(id, longGraceMs);
      await following;
    });
  });
}
