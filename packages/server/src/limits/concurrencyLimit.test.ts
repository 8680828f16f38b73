import { openViewer, type Viewer } from '@muster/core';
import { expect, test } from 'vitest';
import { createUsage } from './concurrencyLimit.ts';

const ada: Viewer = {
  subject: 'ada',
  role: 'VIEWER',
  domainId: 'd',
  credential: { id: 'ada@d', keyId: null, expiresAtMs: null },
};

test('each credential has so many at a time, and gives each back once', () => {
  const usage = createUsage('connections', 2);
  const releases = [usage.take(ada), usage.take(ada)];
  expect(() => usage.take(ada)).toThrow('expected at most 2 connections at a time for one credential');
  usage.take(openViewer);
  releases[0]?.();
  releases[0]?.();
  usage.take(ada);
  expect(() => usage.take(ada)).toThrow('at most 2');
});
