import { DomainError, type Viewer } from '@muster/core';

/** Counts what each viewer has open at a time, so that one can't take all that the server has. */
export interface Usage {
  /**
   * Counts one more for the viewer. Returns how to give it back, which is idempotent.
   *
   * @throws DomainError RATE_LIMITED where the viewer has as many as it may
   */
  take(viewer: Viewer): () => void;
}

/** @param what of what it counts, in the plural, for the refusal: `connections` */
export function createUsage(what: string, most: number): Usage {
  const counts = new Map<string, number>();
  return {
    take: (viewer) => {
      const key = viewerKey(viewer);
      const count = counts.get(key) ?? 0;
      if (count >= most) {
        const problem = `expected at most ${most} ${what} at a time for one credential`;
        throw new DomainError('RATE_LIMITED', problem, {}, viewer.subject);
      }
      counts.set(key, count + 1);
      let taken = true;
      return () => {
        if (!taken) return;
        taken = false;
        const left = (counts.get(key) ?? 1) - 1;
        if (left > 0) counts.set(key, left);
        else counts.delete(key);
      };
    },
  };
}

/** What tells viewers apart where they are counted: their credential; all who need none count as one. */
export function viewerKey({ credential }: Viewer): string {
  return credential?.id ?? '';
}
