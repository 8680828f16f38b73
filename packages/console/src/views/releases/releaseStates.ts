import { Archive, PackageCheck } from 'lucide';
import type { ReleaseRowFragment } from '../../generated/operations.ts';
import type { StateLook } from '../../ui/states.ts';

const current: StateLook = { tone: 'good', icon: PackageCheck, word: 'Current' };
const retired: StateLook = { tone: 'off', icon: Archive, word: 'Retired' };

/** Whether a release may be placed. */
export const releaseLook = ({ retiredAt }: Pick<ReleaseRowFragment, 'retiredAt'>) => (retiredAt ? retired : current);

/** Which software it is: the image, with its digest cut short, or the program. */
export function makeText({ image, command }: ReleaseRowFragment['spec']): string | null {
  if (image !== null) return image.replace(/@(sha256:.{12}).*$/, '@$1…');
  return command?.join(' ') ?? null;
}
