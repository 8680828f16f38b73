import type { ImageStore } from '../driver/driver.ts';
import { DriverError } from '../driver/driverError.ts';
import type { PullPolicy } from '../driver/runSpec.ts';

/** G11: how long a pull may show no progress. */
const inactivityMs = 2 * 60_000;
/** G11: how long a pull may take in all. */
const longestPullMs = 15 * 60_000;

/**
 * Sees to it that the engine has an image, as the policy says (G11).
 *
 * @returns whether it was fetched
 * @throws DriverError REFUSED with the registry's words, or that it took too long; the signal's reason once aborted
 */
export async function pullImage(
  images: ImageStore,
  image: string,
  { policy, signal }: { policy: PullPolicy; signal: AbortSignal },
): Promise<boolean> {
  const isThere = policy !== 'Always' && (await images.has(image));
  if (isThere) return false;
  if (policy === 'Never') {
    throw new DriverError(
      'REFUSED',
      `expected the image ${image} on this host, since images.pullPolicy is Never; it isn't there`,
    );
  }
  const late = new AbortController();
  const giveUp = (words: string) => late.abort(new DriverError('REFUSED', `the pull of ${image} ${words}`));
  const whole = setTimeout(() => giveUp(`took longer than ${longestPullMs / 60_000} minutes`), longestPullMs);
  let inactivity: NodeJS.Timeout | undefined;
  const onProgress = () => {
    clearTimeout(inactivity);
    inactivity = setTimeout(() => giveUp(`made no progress for ${inactivityMs / 60_000} minutes`), inactivityMs);
  };
  onProgress();
  try {
    await images.pull(image, { signal: AbortSignal.any([signal, late.signal]), onProgress });
    return true;
  } finally {
    clearTimeout(whole);
    clearTimeout(inactivity);
  }
}
