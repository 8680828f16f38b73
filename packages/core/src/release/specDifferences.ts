import { formatPath } from '../base/errors.ts';
import { describe, isObject } from '../base/validate.ts';
import type { ReleaseSpec } from './releaseSpec.ts';

/** A place in which two specs differ, with both values in words. */
export interface SpecDifference {
  /** As refusals write paths: `spec.ports[0].port`. */
  readonly path: string;
  readonly published: string;
  readonly came: string;
}

/** The places in which a spec differs from the published one; none where both are the same. */
export function specDifferences(published: ReleaseSpec, came: ReleaseSpec): SpecDifference[] {
  return differences(published, came, ['spec']);
}

function differences(published: unknown, came: unknown, path: readonly (string | number)[]): SpecDifference[] {
  if (Array.isArray(published) && Array.isArray(came) && published.length === came.length) {
    return published.flatMap((item, i) => differences(item, came[i], [...path, i]));
  }
  if (isObject(published) && isObject(came)) {
    return Object.keys(came).flatMap((key) => differences(published[key], came[key], [...path, key]));
  }
  if (published === came) return [];
  return [{ path: formatPath(path), published: describe(published), came: describe(came) }];
}
