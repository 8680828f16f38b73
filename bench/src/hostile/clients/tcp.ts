import { connect, type Socket } from 'node:net';
import type { AttackContext } from '../attack.ts';
import { failureName } from '../keepAttacking.ts';
import { attackerAddress } from './http.ts';

/** Opens a connection of the attacker, by default to the HTTP server, and counts how the connection ends. */
export async function openTcp({ target, signal, count }: AttackContext, origin = target.origin): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), localAddress: attackerAddress });
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
    // Where the attack ends first, neither of them comes.
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
  socket.on('error', (error) => {
    if (!signal.aborted) count(failureName(error));
  });
  socket.on('close', () => {
    if (!signal.aborted) count('closed');
  });
  return socket;
}
