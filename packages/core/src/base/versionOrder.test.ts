import { propertyRuns } from '@muster/db/testing/propertyRuns';
import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, test } from 'vitest';
import { versionOf } from '../../testing/versions.ts';
import { compareVersions } from './versionOrder.ts';

const sorted = (versions: readonly string[]) => versions.toSorted(compareVersions);

describe('M5: versions have one order', () => {
  test("semantic versions come in the order of the specification's example", () => {
    const inOrder = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '2.0.0',
      '2.1.0',
      '2.1.1',
      '2.11.0',
    ];
    expect(sorted(inOrder.toReversed())).toEqual(inOrder);
  });

  test('a leading v is ignored, and what is no semantic version comes below, in natural order', () => {
    const others = ['01.2.3', '1.9', 'v1.10', '1.11-b', '1.11b', 'latest', 'main-2', 'main-10'];
    const inOrder = [...others, 'v0.0.1-a', 'v1.2.0', '1.10.0'];
    expect(sorted(inOrder.toReversed())).toEqual(inOrder);
  });

  test('semantic versions are ordered as the package semver orders them', () => {
    fc.assert(
      fc.property(versionOf, versionOf, (left, right) => {
        fc.pre(semver.valid(left) !== null && semver.valid(right) !== null);
        const expected = semver.compare(left, right);
        if (expected !== 0) expect(Math.sign(compareVersions(left, right))).toBe(expected);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  test('it is an order: total, and only the same text is equal', () => {
    fc.assert(
      fc.property(versionOf, versionOf, versionOf, (a, b, c) => {
        expect(compareVersions(a, b) === 0).toBe(a === b);
        expect(compareVersions(a, b)).toBe(-compareVersions(b, a) + 0);
        if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0) expect(compareVersions(a, c)).toBeLessThan(0);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });
});
