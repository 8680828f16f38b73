/**
 * Does `work` every `intervalMs`, one at a time: a round that takes longer takes the place of the next ones. A failed
 * round is told to `onError`, and the next one tries again. Returns how to stop, which resolves once no round is under
 * way.
 */
export function startRepeating(
  intervalMs: number,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let round: Promise<void> | undefined;
  const timer = setInterval(() => {
    round ??= work()
      .then(() => {}, onError)
      .finally(() => {
        round = undefined;
      });
  }, intervalMs);
  return async () => {
    clearInterval(timer);
    await round;
  };
}
