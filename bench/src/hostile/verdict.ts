import type { InnocentFigures } from './innocentProtocol.ts';
import { operationNames } from './innocentProtocol.ts';
import type { Phase } from './phase.ts';
import type { Traces } from './traces.ts';

/** The figures of an attack: before it, during it, and 5 s after it. */
export interface Course {
  readonly quiet: Phase;
  readonly attack: Phase;
  readonly after: Phase;
  /** The traces before the attack and 5 s after it. */
  readonly tracesBefore: Traces;
  readonly tracesAfter: Traces;
}

const mib = 1024 * 1024;
/** The measure of docs/bounds.md. */
const slowerBy = 5;
const p99Ms = 250;
const memoryBytes = 150 * mib;
/** Open files that a server may have more after an attack: the 27 connections to PostgreSQL, which open as they are needed. */
const filesMore = 30;

/** Lists how an attack breaks the measure; nothing where the measure holds. */
export function findBreaches({ quiet, attack, after, tracesBefore, tracesAfter }: Course): string[] {
  const slower = (phase: InnocentFigures, when: string) =>
    operationNames.flatMap((name) => {
      const limit = Math.min(p99Ms, slowerBy * quiet.innocent[name].p99Ms);
      const { p99Ms: measured, errors } = phase[name];
      const failures = Object.values(errors).reduce((sum, count) => sum + count, 0);
      return [
        ...(measured > limit ? [`${name} ${when} slow`] : []),
        ...(failures > 0 ? [`${name} ${when} refused`] : []),
      ];
    });
  const grown = (phase: Phase) => phase.server.peakBytes - quiet.server.peakBytes > memoryBytes;
  return [
    ...slower(attack.innocent, 'is'),
    ...(attack.server.notReady > 0 ? ['not ready'] : []),
    ...(grown(attack) ? ['memory'] : []),
    ...slower(after.innocent, 'stays'),
    ...(after.server.notReady > 0 ? ['stays not ready'] : []),
    ...(grown(after) ? ['memory stays'] : []),
    ...(tracesAfter.statements > tracesBefore.statements ? ['statements stay'] : []),
    ...(tracesAfter.webSockets > tracesBefore.webSockets ? ['WebSockets stay'] : []),
    ...(tracesAfter.streams > tracesBefore.streams ? ['streams stay'] : []),
    ...(tracesAfter.openFiles > tracesBefore.openFiles + filesMore ? ['connections stay'] : []),
  ];
}
