/** Labels or tags as lines of text, `key=value` each, for a person to edit. */
export function linesOf(pairs: Readonly<Record<string, unknown>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}

/** The pairs that lines stand for; a value that is JSON's number, truth value, list or object is one. */
export interface ParsedPairs {
  readonly pairs: Readonly<Record<string, unknown>>;
  /** The first line that is none; null where all are. */
  readonly problem: string | null;
}

export function pairsOf(lines: string): ParsedPairs {
  const pairs = new Map<string, unknown>();
  for (const line of lines.split('\n').filter((each) => each.trim() !== '')) {
    const at = line.indexOf('=');
    if (at < 1) return { pairs: {}, problem: `expected key=value in each line; got ${line.trim()}` };
    pairs.set(line.slice(0, at).trim(), valueOfText(line.slice(at + 1).trim()));
  }
  return { pairs: Object.fromEntries(pairs), problem: null };
}

function valueOfText(text: string): unknown {
  if (!/^(?:true|false|null|-?\d+(?:\.\d+)?|[{["].*[\]}"])$/s.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
