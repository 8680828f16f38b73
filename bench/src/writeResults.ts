import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Replaces the results in bench/RESULTS.md; with `bench`, in the file of that bench alone. */
export async function writeResults(text: string, bench?: 'hostile'): Promise<void> {
  const head = `# Results\n\nWritten by \`npx -y pnpm@12 bench${bench ? ` ${bench} --write` : ''}\`. Read ratios, not absolutes.`;
  await writeFile(
    join(import.meta.dirname, `../RESULTS${bench ? `-${bench}` : ''}.md`),
    `${head}\n\n\`\`\`text\n${text}\n\`\`\`\n`,
  );
}
