import type { BundledPackage } from './bundledPackages.ts';

/** The licences of the packages in the bundle, as one text. */
export function licensesText(packages: readonly BundledPackage[]): string {
  const sections = packages.map(
    ({ name, version, license, licenseText }) =>
      `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${licenseText ?? 'The package brings no text of its licence: see https://spdx.org/licenses'}\n`,
  );
  return `Muster contains the following packages of others.\n\n${sections.join('\n')}`;
}
