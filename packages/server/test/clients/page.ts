import { readFileSync } from 'node:fs';

/** The pages that show examples, from here. */
export const pages: readonly URL[] = ['docs/clients.md', 'README.md'].map(
  (page) => new URL(`../../../../${page}`, import.meta.url),
);

/** A block of code that stands in a file of `examples`, which its first line names: "```ts apollo/client.ts". */
const fileBlock = /^```(\w+) (\S+)\n[\s\S]*?^```$/gm;

/** The text of an example. */
export function readExample(file: string): string {
  return readFileSync(new URL(`examples/${file}`, import.meta.url), 'utf8');
}

/** A page with its blocks as their files are. */
export function withExamples(page: string): string {
  return page.replace(
    fileBlock,
    (_block, language: string, file: string) => `\`\`\`${language} ${file}\n${readExample(file)}\`\`\``,
  );
}

/** The files whose text a page shows. */
export function examplesOf(page: string): string[] {
  return [...page.matchAll(fileBlock)].map(([, , file = '']) => file);
}
