import { WebSocket } from 'ws';
import type { CrowdOrder, CrowdSettings, CrowdWord } from './crowdProtocol.ts';
import { createSubscription } from './event.ts';
import { createLedger, createRecipient } from './ledger.ts';
import { createId, sharedId } from './message.ts';

/**
 * The process with all subscribers. They speak the protocol by hand and read as little as possible, so that of two
 * cores the server has one for itself.
 */
const settings: CrowdSettings = JSON.parse(process.argv[2] ?? '{}');
const { url, protocol, groups, subscribers, eventsABatch, unmeasuredBatches } = settings;
const connectAtOnce = 100;
/** Time without a message after which a batch counts as incomplete. */
const stalledMs = 30_000;
/** Connections from one local address, which has about 28,000 ports. */
const socketsPerAddress = 20_000;

const ledger = createLedger({ recipients: subscribers, eventsABatch, unmeasuredBatches });

async function subscribe(index: number): Promise<void> {
  const recipient = createRecipient(protocol === 'bare' ? sharedId : createId());
  const socket = new WebSocket(url, 'graphql-transport-ws', {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    ...(index < socketsPerAddress ? {} : { localAddress: `127.0.0.${1 + Math.floor(index / socketsPerAddress)}` }),
  });
  socket.on('error', fail);
  socket.on('close', (code, reason) => fail(new Error(`the server closed a socket: ${code} ${reason}`)));
  await new Promise((resolve) => socket.once('open', resolve));
  if (protocol === 'graphql') {
    socket.send('{"type":"connection_init"}');
    await new Promise((resolve) => socket.once('message', resolve));
    const payload = createSubscription(index % groups, groups);
    socket.send(JSON.stringify({ id: recipient.id, type: 'subscribe', payload }));
  }
  socket.on('message', (message: Buffer) => {
    try {
      if (ledger.take(recipient, message, Date.now())) say({ kind: 'received' });
    } catch (error) {
      fail(error);
    }
  });
}

async function subscribeAll(): Promise<void> {
  const indexes = Array.from({ length: subscribers }, (_, index) => index).values();
  const connect = async () => {
    for (const index of indexes) await subscribe(index);
  };
  await Promise.all(Array.from({ length: connectAtOnce }, connect));
  say({ kind: 'subscribed' });
}

function say(word: CrowdWord): void {
  process.send?.(word);
}

let failed = false;
/** Reports the first failure; the process then waits to be stopped. */
function fail(error: unknown): void {
  if (failed) return;
  failed = true;
  say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}

process.on('message', ({ batches }: CrowdOrder) => {
  try {
    say({ kind: 'reception', reception: ledger.report(batches) });
  } catch (error) {
    fail(error);
  }
});
let lastProgress: string | undefined;
setInterval(() => {
  const progress = ledger.progress();
  if (progress !== undefined && progress === lastProgress) fail(new Error(`nothing came any more after ${progress}`));
  lastProgress = progress;
}, stalledMs);
subscribeAll().catch(fail);
