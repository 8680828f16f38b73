import { enumFields } from '../generated/enumFields.ts';

/** The begin of a mutation of the page's: all take one input. */
const head = /^mutation (\w+)\(\$input: (\w+)!\)/;
/** The place of the input, with the spaces before its line. */
const place = /^( *)(.*)\$input/m;
/** A longer value has a line for each of its parts. */
const longestLine = 80;

/**
 * A mutation as text that runs as it is, in the playground or elsewhere, with its input in it (K16). GraphQL has no words
 * for some keys, such as `kubernetes.io/role`: with one of these it is the body of a request, which runs as well.
 */
export function graphqlText(document: string, variables: { readonly input: object }): string {
  const [, , type] = head.exec(document) ?? [];
  if (type === undefined) throw new Error(`expected a mutation with one input; got ${document}`);
  if (hasOtherKeys(variables)) return `${JSON.stringify({ query: document, variables }, null, 2)}\n`;
  return document
    .replace(head, 'mutation $1')
    .replace(place, (_, indent: string, line: string) => indent + line + literalOf(variables.input, type, indent));
}

/** Whether a value has keys that are no names in GraphQL. */
function hasOtherKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const isOther = (key: string) => !Array.isArray(value) && !/^[A-Za-z_]\w*$/.test(key);
  return Object.entries(value).some(([key, each]) => isOther(key) || hasOtherKeys(each));
}

/** @param type the name of the value's type, if it is an enum or leads to one */
function literalOf(value: unknown, type: string | undefined, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return block(
      '[]',
      value.map((each) => literalOf(each, type, inner)),
      indent,
    );
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, each]) => each !== undefined);
    const typeOf = (field: string) => (type === undefined ? undefined : enumFields[type]?.[field]);
    return block(
      '{}',
      fields.map(([field, each]) => `${field}: ${literalOf(each, typeOf(field), inner)}`),
      indent,
    );
  }
  const isEnum = typeof value === 'string' && type !== undefined && enumFields[type] === undefined;
  return isEnum ? value : (JSON.stringify(value) ?? 'null');
}

function block(brackets: '[]' | '{}', parts: readonly string[], indent: string): string {
  const [open, close] = brackets;
  const line = `${open}${parts.join(', ')}${close}`;
  if (line.length <= longestLine && !line.includes('\n')) return line;
  return `${open}\n${parts.map((part) => `${indent}  ${part}\n`).join('')}${indent}${close}`;
}
