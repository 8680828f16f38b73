import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfig } from '../config/agentConfig.ts';
import { readText } from '../config/readConfig.ts';
import { writeDurably } from '../state/writeDurably.ts';

/** The credential that an agent sends. */
export interface Credentials {
  /** The key or token of now; undefined for a server that runs open. A file that was changed counts at once. */
  token(): string | undefined;
  /** Whether that is the enrollment key. */
  isEnrolling(): boolean;
  /**
   * Keeps the key that enrollment brought, for this agent alone (A7). It counts at once, also where it can't be written:
   * nobody shows it again. Rejects then; `keepAgain` tries again.
   */
  keep(token: string): Promise<void>;
  /** Writes a key that could not be written before. */
  keepAgain(): Promise<void>;
}

/**
 * Finds the credential: `server.tokenFile`, else the key that enrollment brought, else the enrollment key (A7).
 *
 * @throws ConfigError if a file that agent.yaml names can't be read
 */
export function openCredentials({ server, stateFolder }: AgentConfig): Credentials {
  const ownFile = join(stateFolder, 'key');
  const { tokenFile, enrollmentKeyFile } = server;
  let last: string | undefined;
  let unwritten: string | undefined;

  function read(): string | undefined {
    if (tokenFile !== undefined) return readText(tokenFile, 'server.tokenFile');
    if (unwritten !== undefined) return unwritten;
    if (existsSync(ownFile)) return readText(ownFile, 'stateFolder');
    return enrollmentKeyFile === undefined ? undefined : readText(enrollmentKeyFile, 'server.enrollmentKeyFile');
  }

  async function write(): Promise<void> {
    if (unwritten === undefined) return;
    await writeDurably(ownFile, `${unwritten}\n`, 0o600);
    unwritten = undefined;
  }

  last = read();
  return {
    token: () => {
      try {
        last = read();
      } catch {
        // A file that is being replaced: the one before counts until then.
      }
      return last;
    },
    isEnrolling: () =>
      tokenFile === undefined && enrollmentKeyFile !== undefined && unwritten === undefined && !existsSync(ownFile),
    keep: (token) => {
      unwritten = token;
      return write();
    },
    keepAgain: write,
  };
}
