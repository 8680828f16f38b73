import { randomUUID } from 'node:crypto';
import { createClient } from '@muster/client';
import type { AgentConfig } from '../config/agentConfig.ts';
import { readText } from '../config/readConfig.ts';
import type { PluginReport } from '../contract.ts';
import { errorMessage } from '../errorMessage.ts';
import type { Wish } from '../plugin/wish.ts';
import { openCredentials } from './credentials.ts';
import { followLists } from './followLists.ts';
import { openPublisher, type SupervisorIdentity } from './publisher.ts';
import { linkFailed, linkTaken, newLink, type ServerLink } from './serverLink.ts';

/** The parts of the agent that its connection with the server needs. */
export interface ServerOptions {
  readonly config: AgentConfig;
  readonly hostname: string;
  readonly agentVersion: string;
  readonly reports: () => readonly PluginReport[] | null;
  readonly wishes: () => readonly Wish[] | null;
  readonly setWishes: (wishes: readonly Wish[]) => Promise<void>;
  /** Counts the outcome of a publish: `taken`, or the code of the error. */
  readonly published: (outcome: string) => void;
  readonly log: (level: 'info' | 'warn', message: string, fields?: Record<string, unknown>) => void;
  readonly random: () => number;
}

/** The agent's connection with the server: it publishes, and has the lists of assignments. */
export interface ServerConnection {
  /** Publishes soon; the first call begins. */
  publishSoon(): void;
  link(): ServerLink;
  /** When the last whole list came, in milliseconds since 1970; null: none since the start. */
  listedAtMs(): number | null;
  /** Since when removals are held (G6); null: none are. */
  heldSinceMs(): number | null;
  /** Publishes once more, and ends (G8). */
  close(signal: AbortSignal): Promise<void>;
}

/**
 * Opens the connection; nothing is sent before the first `publishSoon`. Whatever the server answers, or doesn't: it changes
 * nothing but by a whole list (G6).
 *
 * @throws ConfigError if a credential's file can't be read
 */
export function connectServer(options: ServerOptions): ServerConnection {
  const { config, log, random } = options;
  const credentials = openCredentials(config);
  const client = createClient({ url: config.server.url, token: () => credentials.token() });
  const identity = identityOf(options);
  let link = newLink();

  const lists = followLists({
    client,
    identity,
    maxRemovalShare: config.maxRemovalShare,
    wishes: options.wishes,
    setWishes: options.setWishes,
    publishSoon: () => publisher.soon(),
    log,
    random,
  });
  const publisher = openPublisher({
    client,
    identity,
    reports: () => {
      lists.publishing();
      return options.reports();
    },
    random,
    isEnrolling: () => credentials.isEnrolling(),
    keepKey: async ({ token }) => {
      const kept = token === null ? credentials.keepAgain() : credentials.keep(token);
      await kept.catch((error: unknown) =>
        log('warn', 'the enrolled key is not written yet: it is lost if the agent ends', {
          error: errorMessage(error),
        }),
      );
    },
    onAnswer: async (answer) => {
      if (link.state !== 'CONNECTED') log('info', 'the server takes the reports', { supervisor: answer.supervisor });
      link = linkTaken(link, answer.supervisor);
      options.published('taken');
      for (const rejected of answer.rejected) log('warn', 'the server rejected a part of a report', { rejected });
      await lists.answered(answer.supervisor.state);
    },
    onError: (error) => {
      const next = linkFailed(link, error, credentials.isEnrolling());
      if (next.state !== link.state) log('warn', 'the server does not take the reports', { error: next.error });
      link = next;
      options.published(next.state === 'AWAY' ? 'away' : 'refused');
    },
  });

  return {
    publishSoon: () => publisher.soon(),
    link: () => link,
    listedAtMs: () => lists.listedAtMs(),
    heldSinceMs: () => lists.heldSinceMs(),
    close: async (signal) => {
      await lists.close();
      await publisher.last(signal);
    },
  };
}

function identityOf({ config, hostname, agentVersion }: ServerOptions): SupervisorIdentity {
  const { supervisor, server, driver } = config;
  return {
    domainId: supervisor.domainId ?? null,
    name: supervisor.name ?? hostname,
    hostname,
    secretKey: server.secretKeyFile === undefined ? null : readText(server.secretKeyFile, 'server.secretKeyFile'),
    // G13: operators see which agent, and what it runs plugins on.
    labels: { ...supervisor.labels, 'muster.dev/agent-version': agentVersion, 'muster.dev/driver': driver },
    tags: supervisor.tags,
    bootId: randomUUID(),
  };
}
