/** The parts of an image's name. */
export interface ImageReference {
  /** The registry, with its port; `docker.io` where the name has none. */
  readonly registry: string;
  /** All but the tag and the digest, as the engine takes it. */
  readonly repository: string;
  /** `latest` where the name has neither tag nor digest. */
  readonly tag?: string;
  /** `sha256:...`; what it names never changes. */
  readonly digest?: string;
}

/**
 * Reads an image's name, `[registry/]repository[:tag][@digest]`. The first part is a registry if it has a dot or a
 * colon, or is `localhost`: so the engine decides, too.
 */
export function parseImage(image: string): ImageReference {
  const [name = '', digest] = image.split('@', 2);
  const colon = name.lastIndexOf(':');
  const hasTag = colon > name.lastIndexOf('/');
  const repository = hasTag ? name.slice(0, colon) : name;
  const [first = ''] = repository.split('/', 1);
  const isRegistry = repository.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  const tag = hasTag ? name.slice(colon + 1) : undefined;
  return {
    registry: isRegistry ? first : 'docker.io',
    repository,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: 'latest' } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}

/**
 * All the ways to write a name that has a tag or a digest: Docker Hub's registry, its folder `library` and the tag
 * `latest` may be left out, and engines differ in that.
 */
export function imageSpellings(image: string): string[] {
  const { registry, repository, tag, digest } = parseImage(image);
  const end = digest === undefined ? `:${tag}` : `@${digest}`;
  const isOfHub = registry === 'docker.io';
  const short = isOfHub ? repository.replace(/^docker\.io\//, '').replace(/^library\//, '') : repository;
  const long = short.includes('/') ? short : `library/${short}`;
  const repositories = isOfHub ? new Set([short, long, `docker.io/${short}`, `docker.io/${long}`]) : [short];
  return [...repositories].flatMap((name) => (tag === 'latest' ? [`${name}${end}`, name] : [`${name}${end}`]));
}
