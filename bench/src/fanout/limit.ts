import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { listen } from '../servers/listen.ts';
import { textFrame } from './frame.ts';
import { sharedMessage } from './message.ts';
import { answerTrigger } from './trigger.ts';

/**
 * The limit of servers over `ws`: no GraphQL, and each event's bytes are created once. `join` writes all frames of a
 * batch at once to the socket beneath each WebSocket; `write` writes each frame separately; `send` gives a shared buffer
 * for each event to `ws`, which frames it for each socket.
 */
const mode = process.argv[2];

const connections = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const sockets = new Set<Duplex>();

const answered = answerTrigger((batch) => {
  const messages = batch.map(sharedMessage);
  if (mode === 'join') writeToAll(Buffer.concat(messages.map(textFrame)));
  else if (mode === 'write') messages.map(textFrame).forEach(writeToAll);
  else messages.forEach(sendToAll);
});

function writeToAll(bytes: Buffer): void {
  for (const socket of sockets) socket.write(bytes);
}

function sendToAll(message: Buffer): void {
  for (const connection of connections.clients) connection.send(message, { binary: false });
}

const server = createServer((request, response) => {
  if (!answered(request, response)) response.writeHead(404).end();
});
server.on('upgrade', (request, socket, head) => {
  connections.handleUpgrade(request, socket, head, (connection) => {
    sockets.add(socket);
    connection.on('error', () => connection.terminate());
    connection.on('close', () => sockets.delete(socket));
  });
});
listen(server);
