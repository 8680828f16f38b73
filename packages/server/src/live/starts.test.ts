import { openViewer, type Viewer } from '@muster/core';
import { expect, test } from 'vitest';
import { createStarts } from './starts.ts';

const holderOf = (id: string): Viewer => ({ ...openViewer, credential: { id, keyId: id, expiresAtMs: null } });

test('W9: subscriptions of one credential start a few at a time, in their order, and others’ don’t wait for them', async () => {
  const starts = createStarts(2);
  const begun: string[] = [];
  const begin = async (name: string, credential: string) => {
    const end = await starts.begin(holderOf(credential));
    begun.push(name);
    return end;
  };
  const [first, , third, fourth] = ['1', '2', '3', '4'].map((name) => begin(name, 'a'));
  const endFirst = await first;
  await begin('other', 'b');
  expect(begun).toEqual(['1', '2', 'other']);
  endFirst?.();
  const endThird = await third;
  expect(begun).toEqual(['1', '2', 'other', '3']);
  endThird?.();
  await fourth;
  expect(begun).toEqual(['1', '2', 'other', '3', '4']);
});
