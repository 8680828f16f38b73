import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunSpec } from '../runSpec.ts';
import { type ProcStat, parseStat, readBootId } from './procStat.ts';

/** The part of a process that is kept on disk, for an agent that starts later. The environment may hold secrets. */
export interface ProcessRecord {
  readonly spec: RunSpec;
  /** In the environment of each of its processes, so that they are known when the first of them has gone. */
  readonly mark: string;
  /** The last start; null before it. */
  readonly start: ProcessStart | null;
}

/** The part of a record that each start writes anew. */
interface ProcessStart {
  readonly atMs: number;
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

/** The last start of a process, as its wrapper noted it. */
export interface ProcessRun {
  /** False if the host has started anew since: then none of it lives, whatever its pid says. */
  readonly isOfThisBoot: boolean;
  /** The wrapper, which leads the group. */
  readonly leader: ProcStat;
  /** Null while it runs, and where nobody was left to note it. */
  readonly exitCode: number | null;
  /** The agent's reason for a kill. */
  readonly reason: string | null;
}

/** The records of a folder: a folder a process, named by its id, with `record.json`, `run` and `output.log`. */
export interface ProcessRecords {
  ids(): Promise<string[]>;
  /** Undefined where there is none. */
  read(id: string): Promise<ProcessRecord | undefined>;
  /** Keeps a new one. False, and nothing done, where the id has one. */
  add(id: string, record: ProcessRecord): Promise<boolean>;
  replace(id: string, record: ProcessRecord): Promise<void>;
  remove(id: string): Promise<void>;
  /** Undefined before the first start. */
  readRun(id: string): Promise<ProcessRun | undefined>;
  /** Notes how a run ended where its wrapper can't, since it was killed with the rest. The first note counts. */
  noteEnd(id: string, exitCode: number, reason: string | null): Promise<void>;
  runFile(id: string): string;
  logFile(id: string): string;
}

const recordFile = 'record.json';

/** Opens the records of a folder, which is made where there is none: for this user alone. */
export async function openRecords(folder: string): Promise<ProcessRecords> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const bootId = await readBootId();
  const at = (id: string, name: string) => join(folder, id, name);
  const isMade = (name: string) => !name.startsWith('.');
  // An agent that was killed while it made one left a folder that nothing refers to.
  for (const name of await readdir(folder)) {
    if (!isMade(name)) await rm(join(folder, name), { recursive: true, force: true });
  }

  return {
    ids: async () => (await readdir(folder)).filter(isMade),
    read: async (id) => {
      const text = await readFile(at(id, recordFile), 'utf8').catch(absent);
      return text === undefined ? undefined : JSON.parse(text);
    },
    add: async (id, record) => {
      const making = `.${id}`;
      await mkdir(join(folder, making), { recursive: true, mode: 0o700 });
      await writeFlushed(at(making, recordFile), record);
      try {
        await rename(join(folder, making), join(folder, id));
        return true;
      } catch (error) {
        if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
        await rm(join(folder, making), { recursive: true });
        return false;
      }
    },
    replace: async (id, record) => {
      await writeFlushed(at(id, `${recordFile}.new`), record);
      await rename(at(id, `${recordFile}.new`), at(id, recordFile));
    },
    remove: async (id) => {
      // First the name goes, so that what is left after a crash is no half a process.
      await rename(join(folder, id), join(folder, `.${id}`)).catch(absent);
      await rm(join(folder, `.${id}`), { recursive: true, force: true });
    },
    readRun: (id) => readRun(at(id, 'run'), bootId),
    noteEnd: (id, exitCode, reason) => appendFile(at(id, 'run'), `${exitCode}\n${reason ?? ''}\n`),
    runFile: (id) => at(id, 'run'),
    logFile: (id) => at(id, 'output.log'),
  };
}

async function writeFlushed(file: string, record: ProcessRecord): Promise<void> {
  await writeFile(file, JSON.stringify(record), { mode: 0o600, flush: true });
}

async function readRun(file: string, bootId: string): Promise<ProcessRun | undefined> {
  const text = await readFile(file, 'utf8').catch(absent);
  const [noted, line, exitCode, reason] = (text ?? '').split('\n');
  const leader = line === undefined ? undefined : parseStat(line);
  if (leader === undefined) return undefined;
  return {
    isOfThisBoot: noted === bootId,
    leader,
    exitCode: exitCode ? Number(exitCode) : null,
    reason: reason || null,
  };
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
