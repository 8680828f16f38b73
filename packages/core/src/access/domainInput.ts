/** The part of an operation's input that names a domain. */
export interface DomainInput {
  /** A2: by default the credential's. `scopeFor` and `domainFor` check it. */
  domainId?: string | null | undefined;
}
