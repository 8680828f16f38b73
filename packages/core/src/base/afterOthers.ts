/** A turn of the event loop that took less than this had nothing to do, in milliseconds. */
const idleTurnMs = 0.25;
/** The most turns that are left to others at a time: what a request takes from its arrival to its answer. */
const mostTurns = 4;

/** The parts of an event loop. */
interface Loop {
  /** Milliseconds that only go forward. */
  now(): number;
  /** Calls back at the end of the present turn, or of the next one where that is at its end. */
  atTurnsEnd(callback: () => void): void;
}

const ownLoop: Loop = {
  now: () => performance.now(),
  atTurnsEnd: (callback) => void setImmediate(callback),
};

/**
 * Calls back after a turn of the event loop in which nobody else had anything to do, or after four turns: long work lets
 * others not only begin but finish, and takes no time while there are no others.
 */
export function afterOthers(callback: () => void, loop: Loop = ownLoop): void {
  let turns = 0;
  let startedAtMs = 0;
  const begin = () => {
    startedAtMs = loop.now();
    loop.atTurnsEnd(end);
  };
  const end = () => {
    turns += 1;
    if (turns === mostTurns || loop.now() - startedAtMs < idleTurnMs) callback();
    else begin();
  };
  loop.atTurnsEnd(begin);
}
