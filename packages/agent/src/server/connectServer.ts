import { randomUUID } from 'node:crypto';
import { AssignmentsDocument, createClient, type MusterClient } from '@muster/client';
import { followAssignments } from '../assignments.ts';
import type { AgentConfig } from '../config/agentConfig.ts';
import { readText } from '../config/readConfig.ts';
import type { Assignment, PluginReport } from '../contract.ts';
import { guardRemovals } from '../lists/guardRemovals.ts';
import type { Wish } from '../plugin/wish.ts';
import { type Credentials, openCredentials } from './credentials.ts';
import { openPublisher, type ReportAnswer, type SupervisorIdentity } from './publisher.ts';
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
  const closing = new AbortController();
  let link = newLink();
  let lists = 0;
  let listedAtMs: number | null = null;
  let following: Promise<void> | undefined;

  const guard = guardRemovals({
    wishes: options.wishes,
    accept: options.setWishes,
    fetchAgain: () => fetchList(client, identity, closing.signal),
    maxRemovalShare: config.maxRemovalShare,
    onHold: (removed, of) =>
      log('warn', `a list that removes ${removed} of ${of} plugins is held until another agrees`),
    onError: (error) => log('warn', 'the list could not be fetched again; it is still held', { error: String(error) }),
  });
  const take = async (list: readonly Wish[]) => {
    lists += 1;
    listedAtMs = Date.now();
    await guard.take(list);
  };
  /** Fetches a list, unless one comes meanwhile, which may be newer. */
  const fetchMissed = async () => {
    const listsBefore = lists;
    const list = await fetchList(client, identity, closing.signal).catch(() => {});
    if (list && lists === listsBefore) await take(list);
  };
  const follow = () =>
    followAssignments({
      client,
      domainId: identity.domainId ?? undefined,
      hostname: identity.hostname,
      secretKey: identity.secretKey ?? undefined,
      onList: (assignments) => take(assignments.map(wishOf)),
      onError: (error) => {
        log('warn', 'the assignments are not followed; trying again', { error: String(error) });
        // Something between may let no stream through: then a list comes with each try.
        void fetchMissed();
      },
      signal: closing.signal,
      random,
    });
  const publisher = openPublisher({
    client,
    identity,
    reports: options.reports,
    random,
    onAnswer: async (answer) => {
      if (link.state !== 'CONNECTED') log('info', 'the server takes the reports', { supervisor: answer.supervisor });
      link = linkTaken(link, answer.supervisor);
      options.published('taken');
      await keepKey(answer, credentials);
      for (const rejected of answer.rejected) log('warn', 'the server rejected a part of a report', { rejected });
      // There are assignments only after a publish.
      following ??= follow();
    },
    onError: (error) => {
      const next = linkFailed(link, error);
      if (next.state !== link.state) log('warn', 'the server does not take the reports', { error: next.error });
      link = next;
      options.published(next.state === 'AWAY' ? 'away' : 'refused');
    },
  });

  return {
    publishSoon: () => publisher.soon(),
    link: () => link,
    listedAtMs: () => listedAtMs,
    heldSinceMs: () => guard.heldSinceMs,
    close: async (signal) => {
      closing.abort();
      guard.close();
      await publisher.last(signal);
      await following;
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

/** A7: an enrolled agent's own key is shown once, so it is kept before anything else is sent. */
async function keepKey({ token }: ReportAnswer, credentials: Credentials): Promise<void> {
  if (token !== null) await credentials.keep(token);
}

async function fetchList(
  client: MusterClient,
  { domainId, hostname, secretKey }: SupervisorIdentity,
  signal: AbortSignal,
): Promise<Wish[]> {
  const { assignments } = await client.query(AssignmentsDocument, { domainId, hostname, secretKey }, signal);
  // Where the list is in doubt the answer is an error; null beside none is no list either.
  if (!assignments) throw new Error('expected a list of assignments; got null');
  return assignments.map(wishOf);
}

function wishOf({ domainId, pluginId, version, generation, spec }: Assignment): Wish {
  return { domainId, pluginId, version, generation, release: spec };
}
