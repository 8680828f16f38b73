import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './rules.ts';

const pages = globSync('**/*.md', { cwd: root, exclude: ['**/node_modules', '**/.*'] }).sort();

/** An anchor as GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

function anchorsIn(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** The links of a page that lead nowhere: to a file that isn't there, or to a heading that the file doesn't have. */
function deadLinks(page: string, text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    return !existsSync(file) || (anchor !== undefined && !anchorsIn(file).includes(anchor));
  });
}

test.each(pages)('each link of %s within the repository leads somewhere', (page) => {
  expect(deadLinks(join(root, page), readFileSync(join(root, page), 'utf8'))).toEqual([]);
});

test('a link to a file or a heading that is not there is found', () => {
  const text = '[a](nowhere.md) [b](wire.md#nowhere) [c](wire.md#endpoints) [d](#nowhere) [e](https://example.org/#x)';
  expect(deadLinks(join(root, 'docs/domain.md'), text)).toEqual(['nowhere.md', 'wire.md#nowhere', '#nowhere']);
});

test('the index of the guides for operators has each of them', () => {
  const guides = globSync('*.md', { cwd: join(root, 'docs/operate') }).filter((name) => name !== 'README.md');
  const index = readFileSync(join(root, 'docs/operate/README.md'), 'utf8');
  expect(guides.filter((name) => !index.includes(`| [${name}](${name}) |`))).toEqual([]);
});
