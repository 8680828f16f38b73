import { variables } from './config.ts';

const introduction = `# Configuration

Environment variables configure the server and the command line; both check them at start, and a wrong value ends the start with
a message that names the variable. One that is set but empty is refused, too: unset it for its default. Each variable \`NAME\` has a form
\`NAME_FILE\`: the path of a file that holds its text, as secrets are mounted in containers; a line end at the end doesn't count. A variable
with the prefix \`MUSTER_\` that is neither is named in a warning, with the name that is most like it (O10).

Written by \`npx -y pnpm@12 --filter @muster/server run print-configuration\` from \`packages/server/src/config/config.ts\`; a test
fails while the two differ. What the limits on documents, rates and bodies mean: [limits.md](limits.md).
`;

/** The text of docs/configuration.md: every variable, its default and its meaning. */
export function configurationPage(): string {
  const rows = Object.entries(variables).map(([name, definition]) => {
    const fallback = 'fallback' in definition ? `\`${definition.fallback}\`` : 'none';
    return `| \`${name}\` | ${fallback} | ${definition.description} |`;
  });
  return [introduction, '| variable | default | what it does |', '| --- | --- | --- |', ...rows, ''].join('\n');
}
