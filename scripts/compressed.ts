import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Past it, brotli takes seconds for a few percent. */
const brotliQuality = 9;

/** The part of a plugin that vite calls once its files are written. */
interface Compressing {
  readonly name: string;
  writeBundle(options: { readonly dir?: string | undefined }, bundle: Readonly<Record<string, unknown>>): void;
}

/** A plugin of vite: puts each file that is served beside itself as `.br` and as `.gz`, so that the server compresses nothing. */
export function compressed(): Compressing {
  return {
    name: 'compressed',
    writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle).filter((each) => !each.endsWith('.json'))) {
        const file = join(dir, name);
        const content = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(
          `${file}.br`,
          brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
        );
      }
    },
  };
}
