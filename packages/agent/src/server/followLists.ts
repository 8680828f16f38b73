import { AssignmentsDocument, type MusterClient } from '@muster/client';
import { z } from 'zod';
import { followAssignments } from '../assignments.ts';
import type { Assignment } from '../contract.ts';
import { errorMessage } from '../errorMessage.ts';
import { guardRemovals } from '../lists/guardRemovals.ts';
import type { Wish } from '../plugin/wish.ts';
import { wishSchema } from '../state/agentState.ts';
import type { SupervisorIdentity } from './publisher.ts';

/** The lists of assignments, and whom to call. */
export interface ListsOptions {
  readonly client: MusterClient;
  readonly identity: SupervisorIdentity;
  readonly maxRemovalShare: number;
  readonly wishes: () => readonly Wish[] | null;
  readonly setWishes: (wishes: readonly Wish[]) => Promise<void>;
  readonly publishSoon: () => void;
  readonly log: (level: 'info' | 'warn', message: string, fields?: Record<string, unknown>) => void;
  readonly random: () => number;
}

/** The lists of assignments that the server gives, of which those in doubt don't count (G6). */
export interface Lists {
  /** Is called as a publish begins. */
  publishing(): void;
  /** Is called with the supervisor's state in the answer to a publish. The first one begins: there are no lists before. */
  answered(supervisorState: string): Promise<void>;
  /** When the last whole list came, in milliseconds since 1970; null: none since the start. */
  listedAtMs(): number | null;
  /** Since when removals are held; null: none are. */
  heldSinceMs(): number | null;
  close(): Promise<void>;
}

/** Follows the lists; begins with the first answer to a publish. */
export function followLists(options: ListsOptions): Lists {
  const { client, identity, log, random } = options;
  const closing = new AbortController();
  let lists = 0;
  let listedAtMs: number | null = null;
  let following: Promise<void> | undefined;
  let supervisorState = '';
  /**
   * After each break, the first list waits for the answer to a publish that began later: by then it is known whether the
   * supervisor was deregistered, and has come back as a newcomer (S5).
   */
  let waiting: readonly Wish[] | undefined;
  let isConfirmed = true;
  let willConfirm = false;

  const guard = guardRemovals({
    wishes: options.wishes,
    accept: options.setWishes,
    fetchAgain: () => fetchList(client, identity, closing.signal),
    maxRemovalShare: options.maxRemovalShare,
    onHold: (removed, of) =>
      log('warn', `a list that removes ${removed} of ${of} plugins is held until another agrees`),
    onError: (error) => log('warn', 'the held list is not fetched again yet', { error: errorMessage(error) }),
  });

  async function take(list: readonly Wish[]): Promise<void> {
    lists += 1;
    listedAtMs = Date.now();
    waiting = list;
    // A newcomer's empty list says nothing of what is wanted.
    if (list.length === 0 && supervisorState === 'PENDING') return;
    if (!isConfirmed) {
      options.publishSoon();
      return;
    }
    try {
      await guard.take(list);
      if (waiting === list) waiting = undefined;
    } catch (error) {
      // It stays, and is tried again after the next publish: without a place to keep it nothing is done for it (G13).
      log('warn', 'a list can not be kept, and does not count yet', { error: errorMessage(error) });
    }
  }

  /** Fetches a list, unless one comes meanwhile, which may be newer. */
  async function fetchMissed(): Promise<void> {
    const listsBefore = lists;
    const list = await fetchList(client, identity, closing.signal).catch(() => {});
    if (list && lists === listsBefore) await take(list);
  }

  function follow(): Promise<void> {
    return followAssignments({
      client,
      domainId: identity.domainId ?? undefined,
      hostname: identity.hostname,
      secretKey: identity.secretKey ?? undefined,
      onList: async (assignments) => {
        try {
          await take(wishesOf(assignments));
        } catch (error) {
          log('warn', 'a list does not count', { error: errorMessage(error) });
        }
      },
      onError: (error) => {
        log('warn', 'the assignments are not followed; trying again', { error: errorMessage(error) });
        isConfirmed = false;
        // Something between may let no stream through: then a list comes with each try.
        void fetchMissed();
      },
      signal: closing.signal,
      random,
    });
  }

  return {
    publishing: () => {
      willConfirm = waiting !== undefined;
    },
    answered: async (state) => {
      supervisorState = state;
      isConfirmed ||= willConfirm;
      if (waiting) await take(waiting);
      following ??= follow();
    },
    listedAtMs: () => listedAtMs,
    heldSinceMs: () => guard.heldSinceMs,
    close: async () => {
      closing.abort();
      guard.close();
      await following;
    },
  };
}

async function fetchList(
  client: MusterClient,
  { domainId, hostname, secretKey }: SupervisorIdentity,
  signal: AbortSignal,
): Promise<Wish[]> {
  const { assignments } = await client.query(AssignmentsDocument, { domainId, hostname, secretKey }, signal);
  // Where the list is in doubt the answer is an error; null beside none is no list either.
  if (!assignments) throw new Error('expected a list of assignments; got null');
  return wishesOf(assignments);
}

/**
 * The wishes of a list. One that this agent can't read, such as of a kind of health check that it doesn't know, is no whole
 * list: kept, it would bar the agent's next start (G6, G13).
 */
function wishesOf(assignments: readonly Assignment[]): Wish[] {
  const given = assignments.map(({ spec, ...assignment }) => ({ ...assignment, release: spec }));
  const { data, error } = z.array(wishSchema).safeParse(given);
  if (data) return data;
  const places = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`expected a list that this version of the agent can read; got ${places.slice(0, 3).join(', ')}`);
}
