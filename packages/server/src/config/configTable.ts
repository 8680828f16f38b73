import { variables } from './config.ts';

/** The rows of the README's table of variables. */
export function configTable(): string[] {
  return Object.entries(variables).map(([name, definition]) => {
    const fallback = 'fallback' in definition ? `\`${definition.fallback}\`` : 'none';
    return `| \`${name}\` | ${fallback} | ${definition.description} |`;
  });
}
