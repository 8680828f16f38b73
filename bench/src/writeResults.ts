import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Replaces the results in bench/RESULTS.md. */
export async function writeResults(text: string): Promise<void> {
  const head = '# Results\n\nWritten by `npx -y pnpm@12 bench`. Read ratios, not absolutes.';
  await writeFile(join(import.meta.dirname, '../RESULTS.md'), `${head}\n\n\`\`\`text\n${text}\n\`\`\`\n`);
}
