import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { findHardPhrases } from './prose.ts';

/** Fails if a comment has a phrase that makes it hard to read, and names the places. `pnpm check` runs it. */
const listing = ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.mjs', '*.sql', '*.proto'];
const files = execFileSync('git', listing, { encoding: 'utf8' });
const places = files
  .trim()
  .split('\n')
  // The finder and its test have to name the phrases.
  .filter((file) => !file.startsWith('scripts/prose.') && existsSync(file))
  .flatMap((file) => {
    const found = findHardPhrases(readFileSync(file, 'utf8'));
    return found.map(({ line, phrase, comment }) => `${file}:${line}: say "${phrase}" in plainer words: ${comment}`);
  });
for (const place of places) console.error(place);
if (places.length > 0) process.exitCode = 1;
