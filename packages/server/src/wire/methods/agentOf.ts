import { isAgent, type Viewer } from '@muster/core';
import type { MessageJson } from '../proto/messageJson.ts';

/** An agent's question for its own list, unchecked. */
interface OwnList {
  readonly domainId: string;
  readonly hostname: string;
  readonly secretKey: unknown;
}

/** The agent that asks for its own list (wire.md): it names a hostname and a domain alone, and may publish there. */
export function agentOf(
  viewer: Viewer,
  { hostname, domain_id: given, secret_key: secretKey, ...others }: MessageJson,
): OwnList | null {
  const domainId = given ?? viewer.domainId;
  const isAlone = Object.values(others).every((value) => value === undefined);
  if (typeof hostname !== 'string' || typeof domainId !== 'string' || !isAlone || !isAgent(viewer)) return null;
  return { domainId, hostname, secretKey };
}
