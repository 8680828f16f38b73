import pLimit from 'p-limit';
import type { Driver } from '../driver/driver.ts';
import type { Observed } from '../driver/observed.ts';
import { pullImage } from '../images/pullImage.ts';
import type { Action } from '../plugin/decide.ts';
import type { Resolved } from '../spec/resolveSpec.ts';

/** G1: how many images are fetched at a time. */
const pullsAtOnce = 4;
/** G1: how many plugins are made and started at a time. */
const startsAtOnce = 8;
/** G5: the lines of a log in a message, and its longest part. */
const tailLines = 20;
const tailBytes = 2 * 1024;

/** The steps that change something at the engine. */
type EngineAction = Exclude<Action, { kind: 'NOTHING' | 'WAIT' | 'COUNT_END' | 'COUNT_UNHEALTHY' }>;

/** Carries out steps, a bounded number at a time. */
export interface Performer {
  /**
   * @param resolved what to run; needed for CREATE alone
   * @returns the image that was fetched for it, if one was
   * @throws DriverError; the signal's reason once aborted
   */
  perform(action: EngineAction, resolved: Resolved | undefined, signal: AbortSignal): Promise<string | undefined>;
  /** The words for the end of a run: the exit code, the engine's reason, and the last lines, with secrets masked (G5). */
  describeEnd(thing: Observed, secrets: readonly string[]): Promise<string>;
}

/** Creates the performer of a driver's steps. */
export function createPerformer(driver: Driver, onPulled: (seconds: number) => void): Performer {
  const pulls = pLimit(pullsAtOnce);
  const starts = pLimit(startsAtOnce);

  async function create({ spec }: Resolved, signal: AbortSignal): Promise<string | undefined> {
    const { image, pullPolicy } = spec;
    const { images } = driver;
    const pulled =
      images && image !== null
        ? await pulls(async () => {
            signal.throwIfAborted();
            const beganMs = performance.now();
            const isNew = await pullImage(images, image, { policy: pullPolicy, signal });
            if (isNew) onPulled((performance.now() - beganMs) / 1_000);
            return isNew ? image : undefined;
          })
        : undefined;
    await starts(async () => {
      signal.throwIfAborted();
      await driver.start(await driver.create(spec));
    });
    return pulled;
  }

  /** Masked before it is cut: a half of a secret is none that can be found. */
  async function tailOf(id: string, secrets: readonly string[]): Promise<string> {
    const lines: string[] = [];
    for await (const line of driver.logs(id, { tail: tailLines, follow: false })) lines.push(line);
    return Buffer.from(mask(lines.join('\n'), secrets))
      .subarray(-tailBytes)
      .toString();
  }

  return {
    perform: async (action, resolved, signal) => {
      switch (action.kind) {
        case 'CREATE':
          return resolved && create(resolved, signal);
        case 'START':
          await starts(() => driver.start(action.thing.id));
          return undefined;
        case 'STOP':
          await driver.stop(action.thing.id, (resolved?.spec.stopTimeoutSeconds ?? 10) * 1_000);
          return undefined;
        case 'REMOVE':
          await driver.remove(action.thing.id);
          return undefined;
      }
    },
    describeEnd: async (thing, secrets) => {
      const code = thing.exitCode === null ? 'it ended' : `exit code ${thing.exitCode}`;
      const reason = thing.reason === null ? '' : ` (${thing.reason})`;
      const tail = await tailOf(thing.id, secrets).catch(() => '');
      return `${code}${reason}${tail === '' ? '' : `\n${tail}`}`;
    },
  };
}

/** A secret of several lines, such as a private key, is masked line by line: the first of them may be older than the tail. */
function mask(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => secret.split(/\r?\n/)).filter((line) => line.trim() !== '');
  // The longest first: one may be a part of another.
  const dearest = parts.sort((a, b) => b.length - a.length);
  return dearest.reduce((masked, part) => masked.replaceAll(part, '***'), text);
}
