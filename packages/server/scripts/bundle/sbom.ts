import type { BundledPackage } from './bundledPackages.ts';

/**
 * The bill of materials: the packages that are really in the bundle, as CycloneDX 1.6. It has neither a time nor a random
 * number, so that two builds give the same.
 */
export function sbom(name: string, version: string, packages: readonly BundledPackage[]): string {
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': name,
        name,
        version,
        licenses: licensesOf('Apache-2.0'),
      },
    },
    components: packages.map(({ name, version, license }) => ({
      type: 'library',
      'bom-ref': purlOf(name, version),
      name,
      version,
      purl: purlOf(name, version),
      licenses: licensesOf(license),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const licensesOf = (license: string) =>
  /[ ()]/.test(license) ? [{ expression: license }] : [{ license: { id: license } }];

const purlOf = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;
