import type { Pattern, PatternNode } from './pattern.ts';

/** The pattern for PostgreSQL's `~`, in a form that means the same once its letters are put in lower case. */
export function patternSql({ root }: Pattern): string {
  return nodeSql(root);
}

function nodeSql(node: PatternNode): string {
  switch (node.kind) {
    case 'start':
      return '^';
    case 'end':
      return '$';
    case 'any':
      return '.';
    case 'sequence':
      return node.nodes.map(nodeSql).join('');
    case 'choice':
      return `(?:${node.nodes.map(nodeSql).join('|')})`;
    case 'repeat': {
      const max = node.max === Number.POSITIVE_INFINITY ? '' : node.max;
      return `(?:${nodeSql(node.node)}){${node.min},${max}}`;
    }
    case 'set': {
      const ranges = node.ranges.map(([from, to]) => (from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`));
      return `[${node.negated ? '^' : ''}${ranges.join('')}]`;
    }
  }
}

const escaped = (character: string) => (/[!-/:-@[-`{-~]/.test(character) ? `\\${character}` : character);
