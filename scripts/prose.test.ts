import { expect, test } from 'vitest';
import { findHardPhrases } from './prose.ts';

const phrasesIn = (text: string) => findHardPhrases(text).map(({ line, phrase }) => `${line} ${phrase}`);

test.each([
  ['/** The client is told. */', ['1 told']],
  ['code();\n// Whoever asks gets it.', ['2 Whoever']],
  ['/**\n * A process of its own.\n */', ['2 of its own']],
  ['const most = 3; // so many at a time', ['1 so many']],
  ['-- A row goes by its id.', ['1 goes by']],
  ['/** What a row holds. */', ['1 What']],
  ['/**\n * The first sentence. What follows is a clause.\n */', ['2 What']],
])('%j is hard to read', (text, phrases) => {
  expect(phrasesIn(text)).toEqual(phrases);
});

test.each([
  "const message = 'the client is told what it sees';",
  "const url = 'https://whoever.example';",
  '/** Which rows? What they hold? */',
  '/**\n * The sentence goes on in the next line, and says\n * What stands here by chance.\n */',
])('%j is fine', (text) => {
  expect(phrasesIn(text)).toEqual([]);
});
