import type { DrainState } from '@muster/db';
import { describe, expect, test } from 'vitest';
import { DomainError } from '../../base/errors.ts';
import { type CordonCommand, type CordonSituation, decideCordon } from './cordonDecisions.ts';

const commands: readonly CordonCommand[] = ['cordon', 'uncordon', 'drain', 'queue', 'undrain'];

function outcomeOf(command: CordonCommand, situation: Partial<CordonSituation>, hasDeadline = false): string {
  const seen: CordonSituation = {
    id: 'supervisor-0123456789ab',
    state: 'ENABLED',
    cordoned: (situation.drainState ?? null) !== null,
    drainState: null,
    drainKeepsCordon: false,
    ...situation,
  };
  try {
    const decision = decideCordon(command, seen, hasDeadline);
    if (decision === null) return 'stay';
    return `${decision.drain} ${decision.cordoned ? 'cordoned' : 'open'}${decision.keepsCordon ? ', kept' : ''}`;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

describe('D2: the cordon and the drain of a supervisor, for each command', () => {
  test.each<[DrainState | null, Record<CordonCommand, string>]>([
    [
      null,
      {
        cordon: 'KEEP cordoned',
        uncordon: 'stay',
        drain: 'START cordoned',
        queue: 'QUEUE cordoned',
        undrain: 'stay',
      },
    ],
    [
      'QUEUED',
      {
        cordon: 'KEEP cordoned, kept',
        uncordon: 'SUPERVISOR_STATE',
        drain: 'START cordoned',
        queue: 'QUEUE cordoned',
        undrain: 'CLEAR open',
      },
    ],
    [
      'DRAINING',
      {
        cordon: 'KEEP cordoned, kept',
        uncordon: 'SUPERVISOR_STATE',
        drain: 'stay',
        queue: 'stay',
        undrain: 'CLEAR open',
      },
    ],
    ...(['DRAINED', 'EXPIRED'] as const).map((state): [DrainState, Record<CordonCommand, string>] => [
      state,
      {
        cordon: 'KEEP cordoned, kept',
        uncordon: 'CLEAR open',
        drain: 'START cordoned',
        queue: 'QUEUE cordoned',
        undrain: 'CLEAR open',
      },
    ]),
  ])('while the drain is %s', (drainState, expected) => {
    const outcomes = commands.map((command) => [command, outcomeOf(command, { drainState })]);
    expect(Object.fromEntries(outcomes)).toEqual(expected);
  });

  test('a cordon of before outlasts a drain, and one of meanwhile too; a deadline that is given replaces the one there is', () => {
    expect(outcomeOf('cordon', { cordoned: true })).toBe('stay');
    expect(outcomeOf('drain', { cordoned: true })).toBe('START cordoned, kept');
    const kept = { drainState: 'DRAINING', drainKeepsCordon: true } as const;
    expect(outcomeOf('cordon', kept)).toBe('stay');
    expect(outcomeOf('undrain', kept)).toBe('CLEAR cordoned');
    expect(outcomeOf('drain', kept, true)).toBe('EXTEND cordoned, kept');
  });
});
