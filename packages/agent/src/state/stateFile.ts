import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config/configError.ts';
import { type AgentState, drawHashKey, stateSchema } from './agentState.ts';
import { writeDurably } from './writeDurably.ts';

/** The state of the agent, in memory and in its file. */
export interface StateFile {
  readonly state: AgentState;
  /** Changes the state, and resolves once it lies on the disk: what depends on it is done only then (G13). */
  update(change: Partial<AgentState>): Promise<void>;
  /** Resolves when no write is under way any more. */
  close(): Promise<void>;
}

/**
 * Opens the state file, or begins a new one.
 *
 * @param owner the label's value that the configuration asks for; undefined: the one of the file, or a new one
 * @throws ConfigError if the folder can't be made, or the file isn't one that an agent wrote
 */
export async function openStateFile(folder: string, owner: string | undefined): Promise<StateFile> {
  makeStateFolder(folder);
  const file = join(folder, 'state.json');
  const found = readState(file);
  const drawn = () => `agent-${randomBytes(6).toString('hex')}`;
  let state: AgentState = {
    ...(found ?? { format: 1, owner: drawn(), hashKey: drawHashKey(), wishes: null, records: {}, images: {} }),
    ...(owner === undefined ? {} : { owner }),
  };
  let written: Promise<void> | undefined;
  let isWaiting = false;

  /** One write at a time; what changes meanwhile is in the next, which all of them wait for. */
  async function write(): Promise<void> {
    if (isWaiting) return written;
    isWaiting = true;
    const before = written;
    written = (async () => {
      await before?.catch(() => {});
      isWaiting = false;
      await writeDurably(file, `${JSON.stringify(state)}\n`, 0o600);
    })();
    return written;
  }

  await write();
  return {
    get state() {
      return state;
    },
    update: (change) => {
      state = { ...state, ...change };
      return write();
    },
    // Who asked for the write has its error.
    close: async () => written?.catch(() => {}),
  };
}

/** Makes the agent's folder where there is none. @throws ConfigError */
export function makeStateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
  } catch (error) {
    throw new ConfigError(`stateFolder: expected a folder that can be written; got ${String(error)}`);
  }
}

function readState(file: string): AgentState | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ConfigError(`stateFolder: expected a state file that can be read; got ${String(error)}`);
  }
  const parsed = stateSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    `stateFolder: expected ${file} as this version of the agent writes it; got another text. To begin anew, remove the file: the plugins that run then belong to no agent`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
