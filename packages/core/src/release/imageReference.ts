/** One name of a registry's host. */
const hostPart = '(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])';
/** One part of a repository's path. */
const pathPart = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const digest = '(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})';

/** The grammar of references of the OCI's distribution: a registry and its port, a path, a tag, a digest. */
const reference = new RegExp(
  `^(?:${hostPart}(?:\\.${hostPart})*(?::[0-9]{1,5})?/)?${pathPart}(?:/${pathPart})*(?::(?<tag>${tag}))?(?:@(?<digest>${digest}))?$`,
);

/** The longest reference: a name of 255 characters, a tag of 128 and a digest of 135, with the signs between them. */
export const imageLength = 520;

/** C1: whether a text names an image with a tag or a digest, so that it doesn't say `latest` by saying nothing. */
export function isImageReference(text: string): boolean {
  const { tag, digest } = reference.exec(text)?.groups ?? {};
  return tag !== undefined || digest !== undefined;
}
