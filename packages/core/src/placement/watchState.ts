import { z } from 'zod';
import { type Scope, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { parse } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import type { Change } from '../event/change.ts';
import { type DomainScoped, restrictToDomain } from '../event/domainGuard.ts';
import { Effort } from '../event/effort.ts';
import type { Feed, FeedStart } from '../event/feed.ts';
import { readResumePlace, startAfter } from '../event/resume.ts';

/** A change of a thing with a state, or the state at the start of a subscription. */
export interface StateChange<State, Own extends Change> extends DomainScoped {
  /** The change; null at the start. */
  readonly change: Own | null;
  /** The thing as it is when the change is sent. */
  readonly state: State;
}

/** The thing to watch. */
export interface WatchStateInput {
  readonly id: unknown;
  /** E3: the cursor after which to start, without the present state. */
  readonly after?: string | null | undefined;
}

/** How a kind of thing is watched. */
export interface WatchedKind<State, Own extends Change> {
  /** Whether a change is of the thing with this id. */
  readonly isOwn: (change: Change, id: string) => change is Own;
  /** The thing as it is now; throws NOT_FOUND where the scope does not have it (A3). */
  readonly require: (scope: Scope, id: string) => Promise<State>;
}

/**
 * The state of a thing now, and then each change of it.
 *
 * @throws DomainError NOT_FOUND for what the viewer does not have (A3); BAD_USER_INPUT, CURSOR_EXPIRED
 */
export async function watchState<State extends { readonly domainId: string }, Own extends Change>(
  core: Core,
  viewer: Viewer,
  input: WatchStateInput,
  { isOwn, require }: WatchedKind<State, Own>,
): Promise<Feed<StateChange<State, Own>>> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'read');
  const id = parse(z.string('expected a text'), input.id, ['id']);
  const { domainId } = await require(scope, id);
  const place = await readResumePlace(internals, input.after);

  async function itemOf(seq: number, change: Own | null): Promise<StateChange<State, Own>> {
    return { seq, domainId, change, state: await require(scope, id) };
  }

  const meaningOf = (change: Change) => (isOwn(change, id) ? async () => [await itemOf(change.seq, change)] : null);

  async function startWithState(): Promise<FeedStart<StateChange<State, Own>>> {
    const seq = await core.hub.tail.catchUp();
    const present = await itemOf(seq, null);
    async function* first() {
      yield present;
    }
    return { initialItems: first(), resumeSeq: null, liveAfterSeq: () => seq };
  }

  const effort = new Effort();
  return restrictToDomain(scope, {
    viewer,
    afterSeq: place?.seq ?? null,
    effort,
    concerns: (change) => isOwn(change, id),
    meaningOf,
    start: async () => (place === null ? startWithState() : startAfter(internals, place, { meaningOf, effort })),
    bookmark: () => null,
  });
}
