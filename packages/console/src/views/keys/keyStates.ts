import { CircleCheck, CircleDot, CircleX, Clock } from 'lucide';
import type { KeyRowFragment } from '../../generated/operations.ts';
import type { StateLook } from '../../ui/states.ts';

type Key = Pick<KeyRowFragment, 'revokedAt' | 'expiresAt' | 'enrollment'>;

const looks = {
  inForce: { tone: 'good', icon: CircleCheck, word: 'In force' },
  usedUp: { tone: 'off', icon: CircleDot, word: 'Used up' },
  expired: { tone: 'off', icon: Clock, word: 'Expired' },
  revoked: { tone: 'off', icon: CircleX, word: 'Revoked' },
} as const satisfies Readonly<Record<string, StateLook>>;

/** Whether a key still lets anybody in, at a time. */
export function keyLook({ revokedAt, expiresAt, enrollment }: Key, now: Date): StateLook {
  if (revokedAt !== null) return looks.revoked;
  if (expiresAt !== null && Date.parse(expiresAt) <= now.getTime()) return looks.expired;
  if (enrollment !== null && enrollment.newcomers >= enrollment.maxNewcomers) return looks.usedUp;
  return looks.inForce;
}
