import type { PluginState, RolloutStepState, SupervisorState } from '@muster/db';
import { type StepEvent, stepLifecycle } from './rolloutLifecycle.ts';

/** One version of the plugin on the supervisor of a step. */
export interface StepPlugin {
  readonly state: PluginState;
  /** Whether the control plane wants it there. */
  readonly isWanted: boolean;
  readonly reason: string | null;
  /** The last message of its agent about it. */
  readonly message: string | null;
}

/** A step with the present state of its supervisor and plugins. */
export interface StepSituation {
  readonly supervisorId: string;
  readonly state: RolloutStepState;
  readonly message: string | null;
  readonly supervisorState: SupervisorState;
  readonly cordoned: boolean;
  /** R4: whether the supervisor's labels contain those of the rollout. */
  readonly matchesLabels: boolean;
  /** Whether either version there is being relocated, or is itself a replacement. */
  readonly isRelocating: boolean;
  /** R1: whether the new version was ACTIVE without a break for long enough, by the deadline. */
  readonly isHealthy: boolean;
  /** Whether the step's deadline has passed. */
  readonly isOverdue: boolean;
  /** The old version and the new version; null where it is not there. */
  readonly from: StepPlugin | null;
  readonly to: StepPlugin | null;
  readonly placement: StepPlacement;
}

/** How the plugin of a step was placed, and will be. */
interface StepPlacement {
  /** M1: the labels that its supervisor must have. */
  readonly labels: object;
  /** M2: whether a public supervisor of another domain may take it. */
  readonly allowPublic: boolean;
  /** M6: whether it stays on its supervisor. */
  readonly pinned: boolean;
}

/** The change that one round makes on one supervisor. */
export interface StepAction {
  readonly supervisorId: string;
  readonly state: RolloutStepState;
  /** Why the step is in its state, or what it waits for; null where the state says all. */
  readonly message: string | null;
  readonly placement: StepPlacement;
  /** The version to install. */
  readonly installs?: Version;
  /** The version to withdraw. */
  readonly removes?: Version;
}

/** The old version or the new version of a rollout. */
type Version = 'from' | 'to';

interface ActionDetails {
  message?: string;
  installs?: Version | undefined;
  removes?: Version | undefined;
}

/** The action by which an event changes a step, in the state that the step's lifecycle gives. */
export function actionOf(step: StepSituation, event: StepEvent, details: ActionDetails = {}): StepAction {
  const state = stepLifecycle[step.state][event];
  if (state === null) throw new Error(`a ${step.state} step has no event ${event}`);
  return actionIn(step, state, details);
}

/** R3: the step stays as it is, and says what it waits for; none where it says so already. */
export function waiting(step: StepSituation, message: string | null): StepAction[] {
  return step.message === message ? [] : [actionIn(step, step.state, message === null ? {} : { message })];
}

function actionIn(
  { supervisorId, placement }: StepSituation,
  state: RolloutStepState,
  { message, installs, removes }: ActionDetails,
): StepAction {
  return {
    supervisorId,
    placement,
    state,
    message: message ?? null,
    ...(installs ? { installs } : {}),
    ...(removes ? { removes } : {}),
  };
}

/** The state of a version in words: `ERROR (REPORTED: no such image)`. */
export function inWords(plugin: StepPlugin | null): string {
  if (!plugin) return 'not there';
  const because = [plugin.reason, plugin.message].filter((text) => text !== null).join(': ');
  return plugin.state === 'ERROR' && because !== '' ? `ERROR (${because})` : plugin.state;
}

/** R3: why the supervisor of a step can take nothing now; null where it can. */
export function hindranceOf({ supervisorState, cordoned, isRelocating }: StepSituation): string | null {
  if (supervisorState !== 'ENABLED') return `its supervisor is ${supervisorState}`;
  if (cordoned) return 'its supervisor is cordoned';
  return isRelocating ? 'its plugin is being moved' : null;
}
