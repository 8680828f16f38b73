import type { ServerResponse } from 'node:http';
import type { Viewer } from '@muster/core';
import type { TransferBounds } from '../limits/transferBounds.ts';

/**
 * Bounds what waits for the peer of a response, once the response has been written (W9): most are taken by the system at
 * once, and cost nothing here. A peer that reads nothing for `unreadMs` is cut off.
 *
 * @param viewer null for a response that needs no credential
 */
export function boundUnread(
  response: ServerResponse,
  viewer: Viewer | null,
  { unsent, unreadMs }: Pick<TransferBounds, 'unsent' | 'unreadMs'>,
): void {
  if (response.writableLength === 0 || response.destroyed) return;
  const connection = unsent.open({ destroy: () => response.destroy() });
  if (viewer) connection.assign(viewer);
  response.once('close', () => connection.set(0));
  response.setTimeout(unreadMs, () => {
    if (response.writableLength > 0) connection.close();
  });
  connection.set(response.writableLength);
}
