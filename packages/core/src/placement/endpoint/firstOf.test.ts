import { expect, test } from 'vitest';
import { Announcement, firstOf, type Source } from './firstOf.ts';

const never: Source<string> = () => () => {};

test('what comes first is what all get, also who listens later', async () => {
  const found = new Announcement<string>();
  const early = [firstOf(found.listen, never), firstOf(never, found.listen)];
  found.resolve('grpc://a:1');
  found.reject(new Error('too late'));
  await expect(Promise.all([...early, firstOf(found.listen)])).resolves.toEqual(Array(3).fill('grpc://a:1'));
});

test('an error is announced to all as well', async () => {
  const found = new Announcement<string>();
  const early = firstOf(found.listen);
  found.reject(new Error('none can be placed'));
  await expect(early).rejects.toThrow('none can be placed');
  await expect(firstOf(found.listen)).rejects.toThrow('none can be placed');
});

test('M4: who goes leaves nothing with what the others go on waiting for', async () => {
  const found = new Announcement<string>();
  const gone: Source<string> = (_, reject) => {
    reject(new Error('the client has gone'));
    return () => {};
  };
  for (let caller = 0; caller < 3; caller++) await expect(firstOf(found.listen, gone)).rejects.toThrow('gone');
  expect(found.listeners).toBe(0);
  const staying = firstOf(found.listen);
  expect(found.listeners).toBe(1);
  found.resolve('grpc://a:1');
  await expect(staying).resolves.toBe('grpc://a:1');
});
