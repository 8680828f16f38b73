import { forbidden, isAgent, type Viewer } from '@muster/core';
import type { MessageJson } from '../proto/messageJson.ts';

/** An agent's question for its own list, unchecked. */
interface OwnList {
  readonly domainId: string;
  readonly hostname: string;
  readonly secretKey: unknown;
}

/** The agent that asks for its own list (wire.md): the request has the form of one, and its sender may publish there. */
export function agentOf(viewer: Viewer, request: MessageJson): OwnList | null {
  const { hostname, domain_id: given, secret_key: secretKey } = request;
  const domainId = given ?? viewer.domainId;
  if (!isOwnList(request) || !isAgent(viewer) || typeof domainId !== 'string') return null;
  return { domainId, hostname: String(hostname), secretKey };
}

/** Whether a request names a hostname, and nothing else but a domain and a secret. A search brings a query, even an empty one. */
function isOwnList({ hostname, domain_id: _domain, secret_key: _secret, ...others }: MessageJson): boolean {
  return typeof hostname === 'string' && Object.values(others).every((value) => value === undefined);
}

/**
 * Refuses the request of an agent that came with a credential which is no agent's: its publish would be refused, and agents
 * ignore that, so that nobody would learn why it never appears.
 *
 * @throws DomainError FORBIDDEN
 */
export function refuseOtherCredentials(viewer: Viewer, request: MessageJson): void {
  if (!isOwnList(request) || isAgent(viewer)) return;
  throw forbidden(
    viewer,
    `a hostname alone is an agent's request for its own list: expected a credential of the role SUPERVISOR, or for a search a query, which may be empty; got one of the role ${viewer.role}`,
  );
}
