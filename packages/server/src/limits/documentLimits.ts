import { tooComplex } from '../errors/refusals.ts';
import { type DocumentShape, shapeOf } from './documentShape.ts';
import { comparisonsIn } from './fieldComparisons.ts';
import type { Guard } from './guard.ts';
import { maxLevels } from './nesting.ts';

const names: Readonly<Record<keyof DocumentShape, string>> = {
  operations: 'operations',
  levels: 'levels',
  depth: 'levels of fields',
  aliases: 'aliases',
  rootFields: 'fields at its root',
};

/** The most that a document may have of each, counted before it is validated. */
export interface DocumentLimits extends Omit<DocumentShape, 'levels'> {
  /** Comparisons of fields of one name, by the formula of fieldComparisons.ts. */
  readonly comparisons: number;
}

/** Refuses, with TOO_COMPLEX, documents that are too large to be validated. */
export function documentLimits({ comparisons, ...given }: DocumentLimits): Guard {
  const limits: DocumentShape = { levels: maxLevels, ...given };
  return {
    stage: 'document',
    check: (document) => {
      const shape = shapeOf(document, maxLevels);
      for (const part of Object.keys(names) as (keyof DocumentShape)[]) {
        if (shape[part] <= limits[part]) continue;
        throw tooComplex(`expected a document of at most ${limits[part]} ${names[part]}; got ${shape[part]}`);
      }
      if (comparisonsIn(document, comparisons) > comparisons) throw tooManyComparisons();
    },
  };
}

/** TOO_COMPLEX, of a document with more fields of one name than are compared. */
export function tooManyComparisons(): Error {
  return tooComplex('expected a document that selects each field of an object once; got many the same');
}
