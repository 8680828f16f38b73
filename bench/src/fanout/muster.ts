import { createClient, ReportDocument } from '@muster/client';
import { BenchError } from '../benchError.ts';
import { startMusterServer } from '../musterServer.ts';
import { createDatabase } from '../postgres.ts';
import { type FlippedState, flipped, reportedPlugin } from './event.ts';
import type { FanoutServer } from './server.ts';

/** Starts the real server over its own database. A batch is one report in which every plugin changes its state. */
export async function startMuster(eventsABatch: number, signal: AbortSignal): Promise<FanoutServer> {
  await using undo = new AsyncDisposableStack();
  const database = await createDatabase();
  undo.defer(() => database.drop());
  const server = await startMusterServer(database.url, signal);
  undo.defer(() => server.stop());
  const client = createClient({ url: server.url, timeoutMs: 60_000 });

  let state: FlippedState = 'ACTIVE';
  async function publish(): Promise<void> {
    const plugins = Array.from({ length: eventsABatch }, (_, index) => ({ ...reportedPlugin(index), state }));
    const input = { domainId: 'domain-bench', name: 'bench', hostname: 'bench-1', plugins };
    const { publishSupervisor } = await client.mutate(ReportDocument, { input }, signal);
    const [refusal] = publishSupervisor.rejected;
    if (refusal) throw new BenchError(`Muster refused a report: ${refusal.message}`);
  }
  await publish();

  const running = undo.move();
  return {
    pid: server.pid,
    url: server.url.replace(/^http/, 'ws'),
    trigger: async () => {
      state = flipped(state);
      await publish();
    },
    stop: () => running.disposeAsync(),
  };
}
