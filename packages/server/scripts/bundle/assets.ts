import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';

/** The folder, beside the bundle, of the files that its code reads. */
const folder = 'assets';

/** `new URL('../some/file', import.meta.url)`: how a module names a file that lies beside it. */
const reference = /new URL\(\s*(["'`])(\.{0,2}\/?[\w./-]+)\1,\s*import\.meta\.url\s*\)/g;

/**
 * Brings the files and folders along that modules name by `new URL('...', import.meta.url)`, and has the bundle name
 * them there. So the source needs no constant that says where it runs, and a new asset needs no entry in a list.
 *
 * @param outputFolder the folder of the bundle
 */
export function bringAssets(outputFolder: string): Plugin {
  const brought = new Map<string, string>();
  const bring = (module: string, path: string): string | null => {
    const source = join(dirname(module), path);
    // Some name a file that their package has in another folder and never read it.
    if (!existsSync(source)) return null;
    const name = basename(source);
    const before = brought.get(name);
    if (before !== undefined && before !== source) {
      throw new Error(`expected assets of different names; got ${before} and ${source}`);
    }
    brought.set(name, source);
    mkdirSync(join(outputFolder, folder), { recursive: true });
    cpSync(source, join(outputFolder, folder, name), { recursive: true, dereference: true });
    return `./${folder}/${name}`;
  };
  return {
    name: 'bring-assets',
    transform(code, module) {
      if (!code.includes('import.meta.url')) return null;
      const moved = code.replace(reference, (whole, _quote: string, path: string) => {
        const name = bring(module, path);
        return name === null ? whole : `new URL('${name}', import.meta.url)`;
      });
      return moved === code ? null : { code: moved, map: null };
    },
  };
}
