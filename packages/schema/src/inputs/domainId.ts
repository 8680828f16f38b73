/**
 * The descriptions of `domainId`, which nearly every operation takes. Each says what is meant by default, and who may
 * name another domain.
 */
export const domainIdDescription = {
  /** Of a list, a count or a stream, which an ADMIN may ask of all domains. */
  read: 'The domain to read. Default: the domain of the credential; for an ADMIN of all domains, all of them. Only an ADMIN may name another domain; anybody else is answered FORBIDDEN.',
  /** Of an operation that finds its object by id. */
  target:
    'The domain to look in. Default: the domain of the credential; for an ADMIN of all domains, all of them. Only an ADMIN may name another domain; anybody else is answered FORBIDDEN.',
  /** Of an operation that happens in exactly one domain. */
  single:
    'The domain to act in. Default: the domain of the credential. An ADMIN of all domains must name one, or is answered BAD_USER_INPUT. Only an ADMIN may name another domain; anybody else is answered FORBIDDEN.',
} as const;
