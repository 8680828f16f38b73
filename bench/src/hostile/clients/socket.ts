import { WebSocket } from 'ws';
import type { AttackContext } from '../attack.ts';
import { attackerAddress, outcomeOf } from './http.ts';

/** Opens a WebSocket of the attacker and greets the server; resolves once the server has accepted the connection. */
export async function openAttackSocket({ target, signal, count }: AttackContext, key: string): Promise<WebSocket> {
  const socket = new WebSocket(`${target.origin.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
    localAddress: attackerAddress,
    headers: { authorization: `Bearer ${key}` },
    perMessageDeflate: false,
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    socket.once('message', () => resolve());
  });
  signal.addEventListener('abort', () => socket.terminate(), { once: true });
  await opened;
  socket.on('error', () => {});
  socket.on('close', (code) => {
    if (!signal.aborted) count(`closed with ${code}`);
  });
  return socket;
}

/** Starts an operation on a socket. */
export function subscribe(socket: WebSocket, id: string, query: string, variables: object = {}): void {
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
}

/** Counts the errors that a socket is sent, by their codes, and the results as `next`. */
export function countMessages(socket: WebSocket, count: (outcome: string) => void): void {
  socket.on('message', (data) => {
    const text = String(data);
    const type = /"type":"(\w+)"/.exec(text)?.[1] ?? 'message';
    if (type === 'error') count(outcomeOf(0, text));
    else if (type === 'next') count(text.includes('"errors":') ? outcomeOf(0, text) : 'next');
  });
}
