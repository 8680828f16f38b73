import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * A rule's id as code cites it: a capital letter and a number from 1 to 99, as a separate word. Longer numbers
 * (Prisma's `P2002`), leading zeros (`W02`), letters before or after (`E2E`), and parts of dashed words (`S3-like`) are
 * no ids.
 */
const idPattern = /(?<![\w.$\\-])([A-Z])([1-9]\d?)(?!\w|-\w|\.\d)/g;
/** `P1 to P8` cites all eight. */
const rangePattern = /(?<![\w.$\\-])([A-Z])([1-9]\d?) to \1([1-9]\d?)(?!\w|-\w|\.\d)/g;

/** Words that look like a rule's id and are none. Add one here only where another word won't do. */
const otherMeanings: ReadonlySet<string> = new Set(['V8']);

/** The ids of the rules that a text cites. */
export function citedIn(text: string): Set<string> {
  const ids = new Set<string>();
  for (const [id] of text.matchAll(idPattern)) if (!otherMeanings.has(id)) ids.add(id);
  for (const [, letter, from, to] of text.matchAll(rangePattern)) {
    for (let n = Number(from); n <= Number(to); n++) ids.add(`${letter}${n}`);
  }
  return ids;
}

export interface Rule {
  readonly id: string;
  /** The page that defines the rule, from the root. */
  readonly page: string;
  /** Whether its words, or its section's heading, have an asterisk: something of it is new. */
  readonly isNew: boolean;
}

const definition = /^(?:\* \*\*|\| )([A-Z][1-9]\d?)\b(?! \| (?:whole|part) \|)/;

/** An asterisk behind a word, where Markdown's bullets and bold print are left out of account. */
function hasAsterisk(line: string): boolean {
  return line
    .replace(/^\* /, '')
    .replaceAll(/\*\*(.+?)\*\*/g, '$1')
    .includes('*');
}

/** The rules that a page defines: items that begin with a bold id (`* **S1** ...`), or rows of a table that begin with one. */
export function rulesIn(page: string, markdown: string): Rule[] {
  const rules: { id: string; page: string; isNew: boolean }[] = [];
  let isNewSection = false;
  let open: { isNew: boolean } | undefined;
  for (const line of markdown.split('\n')) {
    const [, id] = definition.exec(line) ?? [];
    if (id !== undefined) {
      const rule = { id, page, isNew: isNewSection };
      rules.push(rule);
      open = rule;
    } else if (line === '' || line.startsWith('#')) {
      open = undefined;
    }
    if (line.startsWith('#')) isNewSection = hasAsterisk(line);
    else if (open) open.isNew ||= hasAsterisk(line);
  }
  return rules;
}

/** A row of the table "Not yet built" of docs/domain.md. */
export interface Unbuilt {
  /** A rule's id, or the heading of a section. */
  readonly subject: string;
  /** Nothing of it is built under its name, or a part of it isn't. */
  readonly missing: 'whole' | 'part';
  /** The missing part; empty if the whole is missing. */
  readonly what: string;
  /** The step that builds it. */
  readonly step: number;
}

export function unbuiltIn(markdown: string): Unbuilt[] {
  const rows = markdown.matchAll(/^\| (\S+) \| (whole|part) \| (.*?) ?\| (\d) \|$/gm);
  return [...rows].map(([, subject = '', missing, what = '', step]) => ({
    subject,
    missing: missing as Unbuilt['missing'],
    what,
    step: Number(step),
  }));
}

/** Which files cite each rule: tests (`*.test.ts`), and everything else that is written by hand. */
export function readCitations(): { tests: Map<string, string[]>; sources: Map<string, string[]> } {
  const tests = new Map<string, string[]>();
  const sources = new Map<string, string[]>();
  const files = globSync('{packages,prisma,bench,scripts}/**/*.{ts,sql,prisma,graphql,proto}', {
    cwd: root,
    exclude: ['**/node_modules', '**/generated'],
  });
  // This file's test cites by way of example.
  for (const file of files.sort().filter((name) => !name.startsWith('scripts/rules.'))) {
    const into = file.endsWith('.test.ts') ? tests : sources;
    for (const id of citedIn(readFileSync(`${root}/${file}`, 'utf8'))) {
      into.set(id, [...(into.get(id) ?? []), file]);
    }
  }
  return { tests, sources };
}
