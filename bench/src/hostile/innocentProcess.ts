import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { BenchError } from '../benchError.ts';
import { stopProcess, untimelyEnd } from '../childProcess.ts';
import type { InnocentFigures, InnocentOrder, InnocentSettings, InnocentWord } from './innocentProtocol.ts';

/** The innocent tenant's process, as the bench controls it; it works until it is stopped. */
export interface InnocentProcess {
  /** Begins a phase. */
  begin(): Promise<void>;
  /** Reads the figures of the phase so far. */
  report(): Promise<InnocentFigures>;
  stop(): Promise<void>;
}

/** Starts the innocent tenant. */
export async function startInnocent(settings: InnocentSettings, signal: AbortSignal): Promise<InnocentProcess> {
  const child = fork(join(import.meta.dirname, 'innocent.ts'), [JSON.stringify(settings)], { signal });
  const end = untimelyEnd(child, 'the innocent tenant');

  async function next<Kind extends InnocentWord['kind']>(
    kind: Kind,
    order?: InnocentOrder,
  ): Promise<Extract<InnocentWord, { kind: Kind }>> {
    const answer = once(child, 'message');
    if (order) child.send(order);
    const [word]: InnocentWord[] = await Promise.race([answer, end]);
    if (word?.kind !== kind) throw new BenchError(`expected "${kind}" of the innocent tenant; got "${word?.kind}"`);
    return word as Extract<InnocentWord, { kind: Kind }>;
  }

  await next('ready');
  return {
    begin: async () => {
      await next('begun', 'begin');
    },
    report: async () => (await next('figures', 'report')).figures,
    stop: () => stopProcess(child),
  };
}
