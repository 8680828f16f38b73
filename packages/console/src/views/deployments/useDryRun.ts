import { useEffect, useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import type { Document } from '../../data/document.ts';
import { asRequestError, type RequestError } from '../../data/requestError.ts';
import type { ConsideredFragment } from '../../generated/operations.ts';

/** The effects that a change would have. */
export interface Preview {
  readonly placementCount: number;
  readonly placements: readonly ConsideredFragment[];
}

export type DryRun =
  /** There is nothing to ask, or it is being asked. */
  | { readonly kind: 'none' }
  | { readonly kind: 'error'; readonly error: RequestError }
  | { readonly kind: 'ready'; readonly preview: Preview };

/** Typing settles for this long before the server is asked. */
const settleMs = 400;

/**
 * Asks what a change would do, whenever it has changed: the same input, decided by the same code (K5).
 *
 * @param document a mutation whose input takes `dryRun`
 * @param input the change as it would be sent; null where it can't be sent. It is compared as JSON
 */
export function useDryRun<Input extends object>(
  document: Document<{ readonly preview: Preview | null }, { readonly input: Input }>,
  input: Input | null,
): DryRun {
  const { client } = useServices();
  const key = JSON.stringify(input);
  const [answer, setAnswer] = useState<{ readonly key: string; readonly run: DryRun } | null>(null);
  useEffect(() => {
    if (key === 'null') return;
    const closing = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const asked: Input = JSON.parse(key);
        const { preview } = await client.request(document, { input: { ...asked, dryRun: true } }, closing.signal);
        if (preview) setAnswer({ key, run: { kind: 'ready', preview } });
      } catch (thrown) {
        if (!closing.signal.aborted) setAnswer({ key, run: { kind: 'error', error: asRequestError(thrown) } });
      }
    }, settleMs);
    return () => {
      clearTimeout(timer);
      closing.abort();
    };
  }, [client, document, key]);
  return answer?.key === key ? answer.run : { kind: 'none' };
}

/** Why a change can't be sent before its dry run; null where it can. */
export const dryRunProblem = ({ kind }: DryRun) => (kind === 'ready' ? null : 'expected a dry run first');
