import type { Core, Swept } from '@muster/core';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ClosingCause } from './closingCause.ts';
import { type WorkLoads, watchWork } from './workMetrics.ts';

/** The figures that a monitor reads at /metrics, in the Prometheus text format. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** Counts an error that a client was given. */
  refused(code: string): void;
  /** Counts a connection that the server closed, before or after it had shown a credential. */
  connectionClosed(cause: ClosingCause): void;
  /** Counts a subscription that was paused since its credential has no points left. */
  subscriptionPaused(): void;
  /** Counts what a sweep changed. */
  swept(swept: Swept & { excusedMs: number }): void;
  /** Adds figures of these, which are read whenever the metrics are. */
  watch(parts: WatchedParts): void;
}

/** Parts of the server that have figures of their present state. */
interface WatchedParts {
  core: Core;
  /** How many groups of equal subscriptions there are. */
  groups(): number;
  /** How many WebSockets are open. */
  sockets(): number;
  /** How many subscriptions are answered over HTTP. */
  eventStreams(): number;
  /** How many groups, and starts of subscriptions, wait for points. */
  pausedSubscriptions(): number;
  /** The bytes that wait for clients that don't read. */
  unsentBytes(): number;
  /** The bytes of bodies that are under way. */
  bodyBytes(): number;
  /** How many connections have shown no credential. */
  unauthenticated(): number;
  work: WorkLoads;
}

/** Metrics of prom-client for which Node makes a list of all sockets: with tens of thousands, nothing else happens meanwhile (W3). */
const costlyMetrics = ['handles', 'requests', 'resources'].flatMap((things) => [
  `nodejs_active_${things}`,
  `nodejs_active_${things}_total`,
]);

/** Makes a registry that no other server in this process shares. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of costlyMetrics) registry.removeSingleMetric(name);
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [registry] });
  const refusals = new Counter({
    name: 'muster_refusals_total',
    help: 'Errors that clients were given, by code.',
    labelNames: ['code'],
    registers: [registry],
  });
  const closings = new Counter({
    name: 'muster_connections_closed_total',
    help: 'Connections that the server closed for a bound or for TLS, by cause.',
    labelNames: ['cause'],
    registers: [registry],
  });
  const pauses = counter(
    'muster_subscription_pauses_total',
    'Pauses of subscriptions whose credential had no points left.',
  );
  const disconnected = counter(
    'muster_supervisors_disconnected_total',
    'Supervisors marked DISCONNECTED by this server.',
  );
  const overdue = counter('muster_plugins_overdue_total', 'Plugins that were not up by their deadline.');
  const retried = counter('muster_plugins_retried_total', 'Attempts that the control plane started.');
  const excused = counter('muster_downtime_excused_seconds_total', 'Time without sweeps that counted for no lease.');
  const held = new Gauge({
    name: 'muster_supervisors_held',
    help: 'Supervisors whose leases ran out and that are not marked, since too many did at once, by domain.',
    labelNames: ['domain'],
    registers: [registry],
  });

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    refused: (code) => refusals.inc({ code }),
    connectionClosed: (cause) => closings.inc({ cause }),
    subscriptionPaused: () => pauses.inc(),
    swept: (swept) => {
      disconnected.inc(swept.disconnected.length);
      overdue.inc(swept.overdue.length);
      retried.inc(swept.retried.length);
      excused.inc(swept.excusedMs / 1000);
      held.reset();
      for (const { domainId, expired } of swept.held) held.set({ domain: domainId }, expired);
    },
    watch: (parts) => watch(registry, parts),
  };
}

/** Adds the figures of the server's parts. */
function watch(registry: Registry, parts: WatchedParts): void {
  const { core, groups, sockets, unauthenticated, work } = parts;
  watchWork(registry, work);
  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }

  const { hub, reports } = core;
  gauge('muster_websockets', 'Open WebSockets.', sockets);
  gauge('muster_unauthenticated_connections', 'Connections that have shown no credential.', unauthenticated);
  gauge('muster_http_event_streams', 'Subscriptions over HTTP.', parts.eventStreams);
  gauge('muster_subscription_groups', 'Different subscriptions; equal ones are one group.', groups);
  gauge(
    'muster_paused_subscriptions',
    'Groups, and starts of subscriptions, that wait for points.',
    parts.pausedSubscriptions,
  );
  gauge('muster_unsent_bytes', 'Bytes that wait for clients that do not read.', parts.unsentBytes);
  gauge('muster_unfinished_body_bytes', 'Bytes of bodies and messages that are under way.', parts.bodyBytes);
  gauge('muster_event_streams', 'Readers of the event hub: groups, and waits for endpoints.', () => hub.openQueues);
  gauge(
    'muster_event_position',
    'The place in the event log up to which this server has read.',
    () => hub.tail.position,
  );
  gauge('muster_reports', 'Reports taken since the start.', () => reports.reports);
  gauge(
    'muster_report_statements',
    'SQL statements that took them: fewer where reports came together.',
    () => reports.statements,
  );
}
