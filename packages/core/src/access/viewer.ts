/** What a credential may do (A1); see policy.ts for the table. */
export const roles = ['VIEWER', 'OPERATOR', 'SUPERVISOR', 'ADMIN'] as const;
export type Role = (typeof roles)[number];

/** Who is asking. */
export interface Viewer {
  /** Who the credential says it is; the actor of the events that it causes. */
  readonly subject: string;
  readonly role: Role;
  /** The domain of the credential (A2); null only for an ADMIN, who names one where it is needed. */
  readonly domainId: string | null;
}

/** Everybody, while no credentials are configured (A5). */
export const openViewer: Viewer = { subject: 'anonymous', role: 'ADMIN', domainId: null };

/** The control plane itself: the actor of what its sweeps change. */
export const systemSubject = 'muster';
