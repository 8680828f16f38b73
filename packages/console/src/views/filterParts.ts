import type { JsonObjectFilter, StringFilter } from '../generated/operations.ts';

/** A condition on a text that has another in it, whatever its case. */
export const containing = (text: string): StringFilter => ({ contains: text, insensitive: true });

/** A condition on labels, of texts such as `env=prod`, or `env` for any value. */
export function labelsOf(labels: readonly string[]): { and?: readonly { readonly labels: JsonObjectFilter }[] } {
  if (labels.length === 0) return {};
  return {
    and: labels.map((label) => {
      const at = label.indexOf('=');
      if (at === -1) return { labels: { hasKey: label } };
      return { labels: { contains: { [label.slice(0, at)]: label.slice(at + 1) } } };
    }),
  };
}
