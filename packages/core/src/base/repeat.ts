/**
 * Runs `work` every `intervalMs`, one round at a time: rounds that would start while one is under way are skipped. The
 * error of a failed round goes to `onError`, and the next round tries again. Returns how to stop, which resolves once no
 * round is under way.
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
