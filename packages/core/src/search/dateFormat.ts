/** PostgreSQL's names, in `to_char`, of the parts of a time that strftime has letters for. */
const parts: Readonly<Record<string, string>> = {
  Y: 'YYYY',
  m: 'MM',
  d: 'DD',
  H: 'HH24',
  M: 'MI',
  S: 'SS',
  L: 'MS',
  j: 'DDD',
  G: 'IYYY',
  V: 'IW',
  u: 'ID',
};
/** Letters of strftime that stand for a fixed text: times are in UTC. */
const texts: Readonly<Record<string, string>> = { z: '+0000', Z: 'UTC', '%': '%' };
/** The names of one part of a time, which is a number. */
const numbers: Readonly<Record<string, string>> = { year: '%Y', month: '%m', day: '%d' };

/** The most characters of a format. */
const maxLength = 64;

/** The words for the formats, for refusals. */
export const dateFormats = `year, month, day or a strftime text of at most ${maxLength} characters with ${[
  ...Object.keys(parts),
  ...Object.keys(texts),
]
  .map((letter) => `%${letter}`)
  .join(' ')}`;

/** How a group's key of a time is written. */
export interface DateFormat {
  /** A format of PostgreSQL's `to_char`. */
  readonly toChar: string;
  /** Whether the result is a number, and no text. */
  readonly isNumber: boolean;
}

/** Translates `year`, `month`, `day`, each of which gives a number, or a strftime text; undefined for another text. */
export function parseFormat(text: string): DateFormat | undefined {
  if (text === '' || [...text].length > maxLength) return undefined;
  const number = Object.hasOwn(numbers, text) ? numbers[text] : undefined;
  const toChar = toCharFormat(number ?? text);
  return toChar === undefined ? undefined : { toChar, isNumber: number !== undefined };
}

function toCharFormat(format: string): string | undefined {
  let written = '';
  for (const [token] of format.matchAll(/%.?|[^%]+/gsu)) {
    const letter = token.startsWith('%') ? token.slice(1) : null;
    const part = letter === null ? quoted(token) : partOf(letter);
    if (part === undefined) return undefined;
    written += part;
  }
  return written;
}

function partOf(letter: string): string | undefined {
  if (Object.hasOwn(parts, letter)) return parts[letter];
  const text = Object.hasOwn(texts, letter) ? texts[letter] : undefined;
  return text === undefined ? undefined : quoted(text);
}

const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
