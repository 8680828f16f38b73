import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../driverError.ts';
import { portVariables, type RunSpec } from '../runSpec.ts';
import { freePorts } from './freePorts.ts';
import { membersOf } from './processGroup.ts';
import type { ProcessRecord, ProcessRecords } from './processRecord.ts';
import { readCommandLine } from './procStat.ts';
import { markName, spawnWrapped } from './wrapper.ts';

/** How long a start may take, on a host that is very busy. */
const startTimeoutMs = 30_000;

/**
 * Starts the process of a record, which doesn't run. Resolves once it can be found again, by whatever agent.
 *
 * @param onEnd called when it ends, as long as this agent lives
 */
export async function startProcess(
  records: ProcessRecords,
  id: string,
  record: ProcessRecord,
  onEnd: () => void,
): Promise<void> {
  const { spec, mark, start } = record;
  const before = new Map(start?.ports.map(({ name, port }) => [name, port]));
  const names = spec.ports.map(({ name }) => name);
  const ports = await freePorts(names, before, await portsOfOthers(records, id));
  await records.replace(id, { ...record, start: { atMs: Date.now(), ports } });
  const user = userOf(spec);
  const child = await spawnWrapped({
    command: [...(spec.command ?? []), ...spec.arguments],
    // Nothing of the agent's own environment, which may hold its credentials.
    environment: { PATH: process.env.PATH ?? '', ...spec.environment, ...portVariables(ports), [markName]: mark },
    logFile: records.logFile(id),
    runFile: records.runFile(id),
    ...(user ? { user } : {}),
  }).catch((error: unknown) => {
    throw new DriverError('REFUSED', `no process could be started: ${error instanceof Error ? error.message : error}`);
  });
  const ended = once(child, 'exit');
  ended.then(onEnd, onEnd);
  const deadline = performance.now() + startTimeoutMs;
  while (!(await isStarted(records, id, record))) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (performance.now() > deadline) throw new DriverError('ENGINE_UNAVAILABLE', 'it did not start within 30 s');
    await sleep(5);
  }
}

/**
 * Whether the wrapper has noted itself, and a process of the group is no copy of it any more: a signal to a copy, just
 * before it becomes the plugin, may be lost.
 */
async function isStarted(records: ProcessRecords, id: string, record: ProcessRecord): Promise<boolean> {
  const run = await records.readRun(id);
  if (run === undefined) return false;
  const wrapper = await readCommandLine(run.leader.pid);
  const others = (await membersOf(run, record)).filter(({ pid }) => pid !== run.leader.pid);
  const commands = await Promise.all(others.map(({ pid }) => readCommandLine(pid)));
  return commands.some((command) => command !== '' && command !== wrapper);
}

/** The ports that others were given, whether they listen yet or not. */
async function portsOfOthers(records: ProcessRecords, id: string): Promise<Set<number>> {
  const others = (await records.ids()).filter((other) => other !== id);
  const found = await Promise.all(others.map((other) => records.read(other)));
  return new Set(found.flatMap((record) => record?.start?.ports.map(({ port }) => port) ?? []));
}

/** Whom a spec wants to run as. @throws DriverError if this agent may not */
export function userOf({ limits }: RunSpec): { uid: number; gid: number } | undefined {
  if (limits.user === null) return undefined;
  const [uid = 0, gid = uid] = limits.user.split(':').map(Number);
  if (process.getuid?.() !== 0 && process.getuid?.() !== uid) {
    throw new DriverError('REFUSED', `user ${limits.user}: expected the agent's own user, since the agent isn't root`);
  }
  return { uid, gid };
}
