import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The part of a plugin that vite calls once its files are written. */
interface Listing {
  readonly name: string;
  writeBundle(options: { readonly dir?: string | undefined }): void;
}

const typeface = '@fontsource-variable/inter';

/** A plugin of vite: adds the typeface, which only styles name, to the list of the page's packages and licenses. */
export function fontLicense(): Listing {
  return {
    name: 'font-license',
    writeBundle({ dir = '' }) {
      const list = join(dir, 'licenses.json');
      const folder = dirname(createRequire(import.meta.url).resolve(`${typeface}/package.json`));
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const text = readFileSync(join(folder, 'LICENSE'), 'utf8');
      const entries = JSON.parse(readFileSync(list, 'utf8'));
      writeFileSync(list, `${JSON.stringify([...entries, { name, version, identifier: license, text }], null, 2)}\n`);
    },
  };
}
