import type { Observed } from '../driver/observed.ts';
import { longestPauseMs, type PluginRecord } from './record.ts';

/** The health of a running thing: not yet seen healthy, healthy, or lost (G3). */
export type Health = 'STARTING' | 'HEALTHY' | 'UNHEALTHY';

/** All that a decision about one plugin depends on. */
export interface PluginView {
  /** The thing that should run; null: none any more. With `specHash` null it can't be said (a secret lacks): nothing is changed. */
  readonly target: { readonly generation: number; readonly specHash: string | null } | null;
  /** All that the engine has of the plugin, of whatever generation. */
  readonly things: readonly Observed[];
  readonly record: PluginRecord | null;
  healthOf(thing: Observed): Health;
  /** Two generations can run at a time (G4). */
  readonly runsBeside: boolean;
  /** The engine starts again by itself what ends (G5). */
  readonly restartsItself: boolean;
  readonly nowMs: number;
}

/** The next step for a plugin. Each may be repeated (G1). */
export type Action =
  | { readonly kind: 'NOTHING' }
  /** Look again then. */
  | { readonly kind: 'WAIT'; readonly untilMs: number }
  /** Fetch the image if need be, and make it. */
  | { readonly kind: 'CREATE' }
  | { readonly kind: 'START'; readonly thing: Observed }
  | { readonly kind: 'STOP'; readonly thing: Observed }
  | { readonly kind: 'REMOVE'; readonly thing: Observed }
  /** Count the end of a run, with its exit code and last lines (G5). */
  | { readonly kind: 'COUNT_END'; readonly thing: Observed }
  /** Count that health was lost; the stop comes next, and its end is not counted again (G3, G5). */
  | { readonly kind: 'COUNT_UNHEALTHY'; readonly thing: Observed };

const nothing: Action = { kind: 'NOTHING' };

/** Decides the next step for a plugin: a total function of what is wanted and what is seen (G1). */
export function decide(view: PluginView): Action {
  const { target, things, runsBeside } = view;
  if (target === null) return removalOf(things);
  if (target.specHash === null) return nothing;
  const current = currentOf(view);
  const others = things.filter((thing) => thing !== current);
  if (current) return decideCurrent(view, current, others);
  if (!runsBeside && others.length > 0) return removalOf(others);
  return afterPause(view, { kind: 'CREATE' });
}

/** The thing that answers the wish: of its generation and spec. */
export function currentOf({ target, things }: Pick<PluginView, 'target' | 'things'>): Observed | undefined {
  return things.find(
    ({ identity }) => identity.generation === target?.generation && identity.specHash === target.specHash,
  );
}

function decideCurrent(view: PluginView, current: Observed, others: readonly Observed[]): Action {
  const { record, restartsItself } = view;
  switch (current.status) {
    case 'CREATED':
      return afterPause(view, { kind: 'START', thing: current });
    case 'ENDED':
      if (restartsItself) return nothing;
      if (record?.countedStartMs !== current.startedAtMs) return { kind: 'COUNT_END', thing: current };
      return afterPause(view, { kind: 'START', thing: current });
    case 'FAILING':
      return nothing;
    case 'RUNNING':
      return decideRunning(view, current, others);
  }
}

/** G4: the old goes once the new is healthy. */
function decideRunning(view: PluginView, current: Observed, others: readonly Observed[]): Action {
  switch (view.healthOf(current)) {
    case 'HEALTHY':
      return removalOf(others);
    case 'UNHEALTHY':
      if (view.restartsItself) return nothing;
      // Counted already: only the stop is due, again if need be.
      if (view.record?.countedStartMs === current.startedAtMs) return { kind: 'STOP', thing: current };
      return { kind: 'COUNT_UNHEALTHY', thing: current };
    case 'STARTING':
      return nothing;
  }
}

/** G8, G9: what runs is stopped first, and removed when it has ended. */
function removalOf([thing]: readonly Observed[]): Action {
  if (!thing) return nothing;
  return { kind: thing.status === 'RUNNING' ? 'STOP' : 'REMOVE', thing };
}

function afterPause({ record, nowMs }: PluginView, action: Action): Action {
  const untilMs = record?.nextTryAtMs ?? null;
  // A pause that is longer than any was drawn before the clock was set back, as on a host that starts in 1970.
  const isDue = untilMs === null || untilMs <= nowMs || untilMs > nowMs + longestPauseMs;
  return isDue ? action : { kind: 'WAIT', untilMs };
}
