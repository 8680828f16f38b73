import { openViewer, type Viewer } from '@muster/core';
import { expect, test } from 'vitest';
import { createConcurrencyLimit } from './concurrencyLimit.ts';

const ada: Viewer = {
  subject: 'ada',
  role: 'VIEWER',
  domainId: 'd',
  credential: { id: 'ada@d', keyId: null, expiresAtMs: null },
};

test('a credential has a limited number at a time, and releases each once', () => {
  const limit = createConcurrencyLimit('connections', 2);
  const releases = [limit.acquire(ada), limit.acquire(ada)];
  expect(() => limit.acquire(ada)).toThrow('expected at most 2 connections at a time for one credential');
  limit.acquire(openViewer);
  releases[0]?.();
  releases[0]?.();
  limit.acquire(ada);
  expect(() => limit.acquire(ada)).toThrow('at most 2');
});
