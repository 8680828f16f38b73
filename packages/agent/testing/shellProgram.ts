import type { Behaviour } from './driverContract.ts';

/** The behaviours of the contract, for a shell. Its trap waits until the command that runs has ended. */
const scripts: Readonly<Record<Behaviour, string>> = {
  SERVES: "trap 'exit 0' TERM; echo serving; while :; do sleep 0.1; done",
  FAILS: 'echo one; echo two; exit 3',
  STUBBORN: "trap '' TERM; echo serving; while :; do sleep 0.1; done",
};

/** A program that behaves so, wherever there are a shell and `sleep`. */
export function shellProgram(behaviour: Behaviour): { command: string[]; arguments: string[] } {
  return { command: ['/bin/sh'], arguments: ['-c', scripts[behaviour]] };
}
