/** Counts what each address, and all together, have open at a time. */
export interface AddressConcurrency {
  /** Counts one more. Returns how to release it, which is idempotent; null where the address, or all, have as many as they may. */
  acquire(key: string): (() => void) | null;
}

/** Makes a count of nothing. */
export function createAddressConcurrency(maxTotal: number, maxPerAddress: number): AddressConcurrency {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    acquire: (key) => {
      const count = counts.get(key) ?? 0;
      if (count >= maxPerAddress || total >= maxTotal) return null;
      counts.set(key, count + 1);
      total += 1;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        total -= 1;
        const left = (counts.get(key) ?? 1) - 1;
        if (left > 0) counts.set(key, left);
        else counts.delete(key);
      };
    },
  };
}
