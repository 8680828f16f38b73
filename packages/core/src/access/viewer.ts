/** What a credential may do (A1); see policy.ts for the table. */
export const roles = ['VIEWER', 'OPERATOR', 'SUPERVISOR', 'ADMIN'] as const;
export type Role = (typeof roles)[number];

/** What a viewer showed to be let in. */
export interface Credential {
  /** Tells credentials apart where they are counted: an API key's id, or a token's subject and domain. */
  readonly id: string;
  /** The API key that it is; null for a token. */
  readonly keyId: string | null;
  /** When the right that it gives ends, in milliseconds since 1970; null where it doesn't by itself. */
  readonly expiresAtMs: number | null;
}

/** Who is asking. */
export interface Viewer {
  /** Who the credential says it is; the actor of the events that it causes. */
  readonly subject: string;
  readonly role: Role;
  /** The domain of the credential (A2); null only for an ADMIN, who names one where it is needed. */
  readonly domainId: string | null;
  /** Absent for whoever needed none (A5). */
  readonly credential?: Credential;
}

/** Everybody, while no credentials are configured (A5). */
export const openViewer: Viewer = { subject: 'anonymous', role: 'ADMIN', domainId: null };

/** The control plane itself: the actor of what its sweeps change. */
export const systemSubject = 'muster';
