/** The roles that a credential may have; policy.ts has their capabilities (A1). */
export const roles = ['VIEWER', 'OPERATOR', 'SUPERVISOR', 'ADMIN'] as const;
/** One of the roles. */
export type Role = (typeof roles)[number];

/** The credential by which a viewer was authenticated. */
interface Credential {
  /** Identifies the credential for limits: an API key's id, or a token's subject and domain. */
  readonly id: string;
  /** The API key's id; null for a token. */
  readonly keyId: string | null;
  /** Expiry in milliseconds since 1970; null if it does not expire. */
  readonly expiresAtMs: number | null;
}

/** The caller of an operation. */
export interface Viewer {
  /** The credential's subject: the actor of the events that the viewer causes. */
  readonly subject: string;
  readonly role: Role;
  /** The domain of the credential (A2); null only for an ADMIN, who names one where it is needed. */
  readonly domainId: string | null;
  /** Absent while the server runs open (A5). */
  readonly credential?: Credential;
  /** A7: the only host that an agent with this credential, or this client certificate, speaks for; absent for any. */
  readonly boundHostname?: string;
  /** A7: whether the credential is an enrollment key, which only brings newcomers in. Absent for any other. */
  readonly enrolls?: true;
  /** S9: the client's address, as a front hands it on; absent where it does not. */
  readonly address?: string;
}

/** The viewer of every request while no credentials exist (A5). */
export const openViewer: Viewer = { subject: 'anonymous', role: 'ADMIN', domainId: null };

/** The control plane itself: the actor of changes by sweeps. */
export const systemSubject = 'muster';
