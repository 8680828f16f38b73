import type { LaneLoad } from '@muster/db';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Counts of operations since the start. */
interface OperationLoad {
  /** Operations under way, the costly ones counted as several. */
  readonly running: number;
  readonly waiting: number;
  readonly refused: number;
  /** Operations that were stopped, by cause. */
  readonly stopped: Readonly<Record<string, number>>;
}

/** Reads the loads of the server's work. */
export interface WorkLoads {
  lanes(): readonly LaneLoad[];
  operations(): OperationLoad;
  /** How many reports wait to be written. */
  reportsWaiting(): number;
}

/** Adds the figures of lanes and operations, which are read whenever the metrics are. */
export function watchWork(registry: Registry, loads: WorkLoads): void {
  const registers = [registry];

  function ofLanes(kind: typeof Gauge | typeof Counter, name: string, help: string, read: (load: LaneLoad) => number) {
    new kind({
      name: `muster_lane_${name}`,
      help,
      labelNames: ['lane'],
      registers,
      collect() {
        this.reset();
        for (const load of loads.lanes()) this.inc({ lane: load.lane }, read(load));
      },
    });
  }

  ofLanes(Gauge, 'connections', 'Statements that may run at a time in a lane.', (load) => load.connections);
  ofLanes(Gauge, 'running', 'Statements and transactions that run in a lane.', (load) => load.running);
  ofLanes(Gauge, 'waiting', 'Statements and transactions that wait for a turn in a lane.', (load) => load.waiting);
  const stalled = 'For how long work of a lane has waited without any having begun.';
  ofLanes(Gauge, 'stalled_seconds', stalled, (load) => load.stalledMs / 1_000);
  ofLanes(Counter, 'turns_total', 'Turns that have come in a lane.', (load) => load.started);
  ofLanes(Counter, 'wait_seconds_total', 'The time that those waited, together.', (load) => load.waitedMs / 1_000);
  ofLanes(Counter, 'cancelled_total', 'Statements and turns that were cancelled.', (load) => load.cancelled);
  ofLanes(Counter, 'refused_total', 'Turns that were refused, since the queue was full.', (load) => load.refused);

  function ofOperations(kind: typeof Gauge | typeof Counter, name: string, help: string, read: () => number) {
    new kind({
      name: `muster_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  const running = 'Operations that run; costly ones count as several, reports and streams not at all.';
  ofOperations(Gauge, 'operations_running', running, () => loads.operations().running);
  ofOperations(Gauge, 'operations_waiting', 'Operations that wait for a turn.', () => loads.operations().waiting);
  const refused = 'Operations that were refused, since too many of their domain waited.';
  ofOperations(Counter, 'operations_refused_total', refused, () => loads.operations().refused);
  ofOperations(Gauge, 'reports_waiting', 'Reports that wait to be written.', () => loads.reportsWaiting());
  new Counter({
    name: 'muster_operations_stopped_total',
    help: 'Operations that were stopped before they had ended, by cause.',
    labelNames: ['cause'],
    registers,
    collect() {
      this.reset();
      for (const [cause, count] of Object.entries(loads.operations().stopped)) this.inc({ cause }, count);
    },
  });
}
