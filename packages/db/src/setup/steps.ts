/** The steps of a start: one that takes long is logged. */
export interface Steps {
  /**
   * Runs a step.
   *
   * @param what what is done, for a line that begins with "still"
   * @param detail asked for more, such as who is waited for, each time that the step is logged
   */
  run<Result>(what: string, step: () => Promise<Result>, detail?: () => Promise<string | null>): Promise<Result>;
}

/** A step that takes longer is logged, in milliseconds (O8). */
const slowMs = 2_000;
/** Then it is logged again by this interval, in milliseconds. */
const againMs = 10_000;

/** Makes steps; `say` is called with the line about one that takes long. Times are parameters for tests. */
export function createSteps(say: (message: string) => void, times = { slowMs, againMs }): Steps {
  return {
    run: async (what, step, detail = async () => null) => {
      const startedAt = performance.now();
      const tell = async () => {
        const more = await detail().catch(() => null);
        const seconds = Math.round((performance.now() - startedAt) / 1_000);
        if (!isOver) say(`still ${what}, for ${seconds} s${more === null ? '' : `: ${more}`}`);
      };
      let isOver = false;
      let timer = setTimeout(() => {
        void tell();
        timer = setInterval(() => void tell(), times.againMs).unref();
      }, times.slowMs).unref();
      try {
        return await step();
      } finally {
        isOver = true;
        clearTimeout(timer);
      }
    },
  };
}
