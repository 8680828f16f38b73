import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CirclePause,
  CircleX,
  Clock,
  type IconNode,
  LoaderCircle,
  RotateCw,
  Undo2,
  Unplug,
} from 'lucide';
import type { DrainState, PluginState, SupervisorState } from '../generated/operations.ts';

/** How a state looks: a colour, a shape and a word, so that none of them has to be seen alone. */
export interface StateLook {
  readonly tone: 'good' | 'busy' | 'warn' | 'bad' | 'off';
  readonly icon: IconNode;
  readonly word: string;
}

export const supervisorStates: Readonly<Record<SupervisorState, StateLook>> = {
  ENABLED: { tone: 'good', icon: CircleCheck, word: 'Enabled' },
  PENDING: { tone: 'warn', icon: CircleDashed, word: 'Pending' },
  DISABLED: { tone: 'off', icon: CirclePause, word: 'Disabled' },
  DISCONNECTED: { tone: 'bad', icon: Unplug, word: 'Disconnected' },
  NONE: { tone: 'off', icon: Ban, word: 'None' },
};

export const pluginStates: Readonly<Record<PluginState, StateLook>> = {
  ACTIVE: { tone: 'good', icon: CircleCheck, word: 'Active' },
  PROVISIONING: { tone: 'busy', icon: LoaderCircle, word: 'Provisioning' },
  RE_PROVISIONING: { tone: 'warn', icon: RotateCw, word: 'Re-provisioning' },
  ERROR: { tone: 'bad', icon: CircleX, word: 'Error' },
  NONE: { tone: 'off', icon: Ban, word: 'None' },
};

export const drainStates: Readonly<Record<DrainState, StateLook>> = {
  QUEUED: { tone: 'off', icon: Clock, word: 'Drain queued' },
  DRAINING: { tone: 'busy', icon: LoaderCircle, word: 'Draining' },
  DRAINED: { tone: 'off', icon: CircleDot, word: 'Drained' },
  EXPIRED: { tone: 'warn', icon: CircleAlert, word: 'Drain expired' },
};

/** A word of the API, such as RE_PROVISIONING, as text: `Re provisioning`. */
export function wordOf(name: string): string {
  const text = name.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const cordonedLook: StateLook = { tone: 'off', icon: Ban, word: 'Cordoned' };
export const unwantedLook: StateLook = { tone: 'off', icon: Undo2, word: 'Leaving' };
