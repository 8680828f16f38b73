import { ArrowUp, CircleAlert, CircleCheck, CircleMinus, CirclePause, CirclePlus, LoaderCircle, Replace } from 'lucide';
import type { DeploymentAction, DeploymentRowFragment } from '../../generated/operations.ts';
import type { StateLook } from '../../ui/states.ts';

const looks = {
  paused: { tone: 'off', icon: CirclePause, word: 'Paused' },
  notWhole: { tone: 'bad', icon: CircleAlert, word: 'Not whole' },
  underWay: { tone: 'busy', icon: LoaderCircle, word: 'Under way' },
  whole: { tone: 'good', icon: CircleCheck, word: 'Whole' },
} as const satisfies Readonly<Record<string, StateLook>>;

/** How a deployment is, as a whole: something is in its way, it is on its way, or it is as it should be (C2). */
export function deploymentLook({ isPaused, status }: Pick<DeploymentRowFragment, 'isPaused' | 'status'>): StateLook {
  if (isPaused) return looks.paused;
  if (status.conditions.length > 0) return looks.notWhole;
  const isWhole = status.active === status.desired && status.updating === 0;
  return isWhole ? looks.whole : looks.underWay;
}

/** The look of each action of a deployment. */
export const deploymentActions: Readonly<Record<DeploymentAction, StateLook>> = {
  INSTALL: { tone: 'good', icon: CirclePlus, word: 'Install' },
  UPGRADE: { tone: 'busy', icon: ArrowUp, word: 'Change version' },
  ADOPT: { tone: 'busy', icon: Replace, word: 'Adopt' },
  WITHDRAW: { tone: 'bad', icon: CircleMinus, word: 'Withdraw' },
  KEEP: { tone: 'off', icon: CircleCheck, word: 'Keep' },
};

/** The actions of a deployment on a supervisor, the changes first. */
export const deploymentActionNames = ['INSTALL', 'UPGRADE', 'ADOPT', 'WITHDRAW', 'KEEP'] as const;
