import { afterAll } from 'vitest';
import { releaseHeld } from './testWorker.ts';

// Registered before a file's own, and so run after them.
afterAll(async () => {
  const left = await releaseHeld();
  if (left.length > 0) throw new Error(`this file left behind, and ought to have closed: ${left.join(', ')}`);
});
