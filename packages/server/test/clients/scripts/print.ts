import { readFileSync, writeFileSync } from 'node:fs';
import { pages, withExamples } from '../page.ts';

/** Writes the examples into the pages that show them. A test fails while they differ. */
for (const page of pages) writeFileSync(page, withExamples(readFileSync(page, 'utf8')));
