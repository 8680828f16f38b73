/** Text that stands in JSON as it is, in one byte a character. */
const plainText = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

interface Counted {
  bytes: number;
  readonly most: number;
}

/**
 * The bytes that a value would have as JSON, as `JSON.stringify` writes it, without writing it (W3). Counts no further than
 * past `most`: a result above that says no more than that there are too many.
 */
export function jsonBytes(value: unknown, most: number): number {
  const counted = { bytes: 0, most };
  addValue(counted, value);
  return counted.bytes;
}

function addValue(counted: Counted, value: unknown): void {
  if (typeof value === 'string') addText(counted, value);
  else if (typeof value !== 'object' || value === null) counted.bytes += JSON.stringify(value)?.length ?? 0;
  else if ('toJSON' in value && typeof value.toJSON === 'function') addValue(counted, value.toJSON());
  else if (Array.isArray(value)) addList(counted, value);
  else addObject(counted, value as Readonly<Record<string, unknown>>);
}

function addText(counted: Counted, text: string): void {
  counted.bytes += plainText.test(text) ? text.length + 2 : Buffer.byteLength(JSON.stringify(text));
}

function addList(counted: Counted, list: readonly unknown[]): void {
  // Brackets, and commas between the items.
  counted.bytes += 2 + Math.max(0, list.length - 1);
  for (const item of list) {
    if (counted.bytes > counted.most) return;
    addValue(counted, item ?? null);
  }
}

function addObject(counted: Counted, object: Readonly<Record<string, unknown>>): void {
  let members = 0;
  counted.bytes += 2;
  for (const key of Object.keys(object)) {
    if (counted.bytes > counted.most) return;
    const value = object[key];
    if (value === undefined) continue;
    // A colon, and a comma before all members but the first.
    counted.bytes += members === 0 ? 1 : 2;
    members += 1;
    addText(counted, key);
    addValue(counted, value);
  }
}
