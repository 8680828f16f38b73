import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package of others of which at least one module is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX's id or expression. */
  readonly license: string;
  /** The text of its licence; null where the package has none. */
  readonly licenseText: string | null;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string | { readonly type: string };
}

const licenseFile = /^(licen[cs]e|copying|notice)([.-][\w.-]+)?$/i;

/**
 * The packages of modules, and those of pages for browsers, in the order of their names and versions.
 *
 * @param pages the names of the pages that come along
 * @throws Error for one without a licence
 */
export function packagesOf(modules: readonly string[], pages: readonly string[]): BundledPackage[] {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== null));
  const packages = [...pages.flatMap(pagePackages), ...[...folders].map(readPackage)];
  const byId = new Map(packages.map((each) => [`${each.name}@${each.version}`, each]));
  return [...byId.keys()].sort().flatMap((id) => byId.get(id) ?? []);
}

/** The packages in a page, as its build lists them. */
function pagePackages(page: string): BundledPackage[] {
  const list = join(repository, `packages/server/src/generated/${page}/licenses.json`);
  const entries = JSON.parse(readFileSync(list, 'utf8')) as {
    name: string;
    version: string;
    identifier?: string;
    text?: string;
  }[];
  return entries.map(({ name, version, identifier, text = null }) => {
    if (identifier === undefined) throw new Error(`expected a license of ${name}@${version} in ${list}`);
    return { name, version, license: identifier, licenseText: text };
  });
}

/** The folder of the package that a module is of; null for a module of this repository, or one of the bundler's own. */
function packageFolder(module: string): string | null {
  const [, folder] = /^\0?(\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module) ?? [];
  return folder ?? null;
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license } = readManifest(folder);
  const id = typeof license === 'string' ? license : license?.type;
  if (name === undefined || version === undefined || id === undefined) {
    throw new Error(`expected a name, a version and a license in ${join(folder, 'package.json')}`);
  }
  return { name, version, license: id, licenseText: readLicense(folder) };
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function readLicense(folder: string): string | null {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => licenseFile.test(name)) : [];
  if (names.length === 0) return null;
  return names
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').trim())
    .join('\n\n');
}

/** The folder of the repository. */
export const repository = join(dirname(import.meta.filename), '../../../..');
