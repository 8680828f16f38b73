const number = '0|[1-9][0-9]*';
const identifier = `(?:${number}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const build = '[0-9A-Za-z-]+';
/** A semantic version (semver.org, 2.0.0), with or without a leading `v`; the fourth group is its pre-release. */
const semanticVersion = new RegExp(
  `^v?(${number})\\.(${number})\\.(${number})(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+${build}(?:\\.${build})*)?$`,
);

/**
 * M5: compares two versions, in the order that they have everywhere: below 0 where `left` is older. Semantic versions by
 * their precedence, a leading `v` ignored; any other text is older than those, and ordered naturally (1.9 before 1.10).
 * Only the same text gives 0.
 */
export function compareVersions(left: string, right: string): number {
  return Buffer.compare(Buffer.from(versionSortKey(left)), Buffer.from(versionSortKey(right)));
}

/** A text whose bytes are ordered as versions are; the SQL function `version_sort_key` makes the same for the column `version_key`. */
export function versionSortKey(version: string): string {
  const semantic = semanticVersion.exec(version);
  if (semantic) {
    const [, major = '', minor = '', patch = '', prerelease] = semantic;
    const numbers = [major, minor, patch].map(numberKey).join('');
    // A release is above its pre-releases.
    const rest = prerelease === undefined ? '~' : `-${prerelease.split('.').map(identifierKey).join('')}`;
    return `1${numbers}${rest}\u0001${version}`;
  }
  const text = /^v[0-9]/.test(version) ? version.slice(1) : version;
  return `0${text.replace(/[0-9]+/g, numberKey)}\u0001${version}`;
}

/** A number is below a text, and fewer identifiers are below more. */
function identifierKey(identifier: string): string {
  return /^[0-9]+$/.test(identifier) ? `1${numberKey(identifier)}` : `2${identifier}!`;
}

/** Its length, then its digits: so longer ones are greater. */
function numberKey(digits: string): string {
  const significant = digits.replace(/^0+/, '');
  return String(significant.length).padStart(3, '0') + significant;
}
