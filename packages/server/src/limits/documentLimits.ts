import { tooComplex } from '../errors/refusals.ts';
import { type DocumentShape, shapeOf } from './documentShape.ts';
import type { Guard } from './guard.ts';
import { maxLevels } from './nesting.ts';

const names: Readonly<Record<keyof DocumentShape, string>> = {
  levels: 'levels',
  depth: 'levels of fields',
  aliases: 'aliases',
  rootFields: 'fields at its root',
};

/** Refuses, with TOO_COMPLEX, documents that are too large to be validated. @param given the most of each */
export function documentLimits(given: Omit<DocumentShape, 'levels'>): Guard {
  const limits: DocumentShape = { levels: maxLevels, ...given };
  return {
    stage: 'document',
    check: (document) => {
      const shape = shapeOf(document, maxLevels);
      for (const part of Object.keys(names) as (keyof DocumentShape)[]) {
        if (shape[part] <= limits[part]) continue;
        throw tooComplex(`expected a document of at most ${limits[part]} ${names[part]}; got ${shape[part]}`);
      }
    },
  };
}
