import fc from 'fast-check';

const numberOf = fc.oneof(
  fc.constantFrom('0', '1', '2', '9', '10', '00', '01'),
  fc.nat().map(String),
  fc.constantFrom('99999999999999999999', '100000000000000000000'),
);
const identifierOf = fc.oneof(numberOf, fc.constantFrom('a', 'B', 'b', 'rc', 'alpha', 'x-1', '-', '1a', 'aa'));
const listOf = (item: fc.Arbitrary<string>) =>
  fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join('.'));
const optional = (prefix: string, value: fc.Arbitrary<string>) =>
  fc.option(value, { nil: null }).map((text) => (text === null ? '' : `${prefix}${text}`));

const semanticOf = fc
  .tuple(
    fc.constantFrom('', '', 'v'),
    fc.tuple(numberOf, numberOf, numberOf),
    optional('-', listOf(identifierOf)),
    optional('+', listOf(identifierOf)),
  )
  .map(([v, numbers, prerelease, build]) => `${v}${numbers.join('.')}${prerelease}${build}`);

/** Texts that are no semantic version, or nearly one: digits, spaces, signs, characters beyond UTF-16. */
const otherOf = fc
  .array(fc.oneof(numberOf, fc.constantFrom('v', '.', '-', '+', ' ', 'a', 'Z', '~', '!', 'ä', '\uffee', '😀', '٣')), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

/** Versions of every kind: semantic ones, those that are nearly so, and others (M5). */
export const versionOf = fc.oneof(semanticOf, semanticOf, otherOf);
