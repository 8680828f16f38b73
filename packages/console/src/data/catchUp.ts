/** Knows when a page that is connected again has caught up. */
export interface CatchUp {
  /** Something has arrived, so that more may be on its way. */
  stir(): void;
  /** It has not caught up before this is over. */
  waitFor(work: Promise<void>): void;
  close(): void;
}

/** Catching up ends when all has been read again, and nothing has arrived for this long. */
const quietMs = 600;

export function createCatchUp(onDone: () => void): CatchUp {
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let unread = 0;

  function stir(): void {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      if (unread === 0) onDone();
    }, quietMs);
  }

  return {
    stir,
    waitFor: (work) => {
      unread++;
      void work.finally(() => {
        unread--;
        stir();
      });
    },
    close: () => clearTimeout(quiet),
  };
}
