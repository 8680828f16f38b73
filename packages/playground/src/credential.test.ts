import { expect, test } from 'vitest';
import { openCredential } from './credential.ts';

function storage() {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

test('a credential is sent as Bearer, whether or not it was put in so, and is there again after a reload', () => {
  const kept = storage();
  const credential = openCredential(kept);
  expect(credential.authorization()).toBeUndefined();
  credential.set(' muster_1 ');
  expect(credential.authorization()).toBe('Bearer muster_1');
  credential.set('bearer x.y.z');
  expect(openCredential(kept).authorization()).toBe('bearer x.y.z');
});

test('a refusal stays until another credential is set, or one is accepted', () => {
  const credential = openCredential(storage());
  const seen: (string | null)[] = [];
  credential.subscribe(() => seen.push(credential.get().refusal));
  credential.refused('no credential');
  credential.refused('no credential');
  credential.accepted();
  credential.refused('expired');
  credential.set('another');
  expect(seen).toEqual(['no credential', null, 'expired', null]);
});
