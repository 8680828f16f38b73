import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { BenchError } from '../benchError.ts';
import { requirePid, stopProcess, untimelyEnd } from '../childProcess.ts';
import type { LoadOrder, LoadResult, LoadWord } from './loadProtocol.ts';

/** The process that makes the load, as the bench controls it. */
export interface LoadProcess {
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): Promise<void>;
  readonly pid: number;
}

/** Starts a program that makes a load; resolves once the program is ready for orders. */
export async function startLoad(program: string, settings: object, signal: AbortSignal): Promise<LoadProcess> {
  const child = fork(program, [JSON.stringify(settings)], { signal });
  const end = untimelyEnd(child, 'the process that makes the load');
  try {
    await nextWord(child, end);
  } catch (error) {
    await stopProcess(child);
    throw error;
  }
  return {
    run: async (order) => {
      const answer = nextWord(child, end);
      child.send(order);
      const word = await answer;
      if (word.kind !== 'done') throw new BenchError(`expected what came of the load; got "${word.kind}"`);
      return word.result;
    },
    stop: () => stopProcess(child),
    pid: requirePid(child),
  };
}

async function nextWord(child: ChildProcess, end: Promise<never>): Promise<LoadWord> {
  const [word]: LoadWord[] = await Promise.race([once(child, 'message'), end]);
  if (word === undefined) throw new BenchError('the process that makes the load said nothing');
  if (word.kind === 'failed') throw new BenchError(word.message);
  return word;
}
