/**
 * Makes a function whose callers share runs of `run`: each gets the result of a run that began after the call. So at most
 * one run is under way, and one waits for its end.
 */
export function createSharedRun<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let current: Promise<unknown> | undefined;
  let next: Promise<Result> | undefined;

  function start(): Promise<Result> {
    next = undefined;
    const started = run();
    const ended = started
      .catch(() => {})
      .then(() => {
        if (current === ended) current = undefined;
      });
    current = ended;
    return started;
  }

  return () => {
    if (next) return next;
    if (!current) return start();
    next = current.then(start);
    return next;
  };
}
