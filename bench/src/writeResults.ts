import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts a run's results in the place of the last run's. */
export async function writeResults(bench: string, title: string, text: string): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  const head = `# ${title}\n\nWritten by \`npx -y pnpm@12 bench ${bench} --write\` on ${date}. Read ratios, not absolutes.`;
  const file = join(import.meta.dirname, `../RESULTS-${bench}.md`);
  await writeFile(file, `${head}\n\n\`\`\`text\n${text}\n\`\`\`\n`);
}
