import type { PluginReport } from '../contract.ts';
import type { Observed } from '../driver/observed.ts';
import type { SpecPort } from '../driver/runSpec.ts';
import { currentOf, type PluginView } from './decide.ts';
import { failuresUntilError } from './record.ts';
import type { Wish } from './wish.ts';

/** The view of a plugin, and all else that its report needs. */
export interface ReportContext {
  readonly view: PluginView;
  readonly plugin: Pick<Wish, 'domainId' | 'pluginId' | 'version'>;
  /** The ports of the spec, for their schemes; empty where it isn't known. */
  readonly ports: readonly SpecPort[];
  /** The host in endpoints, unless the engine knows a better one (G10). */
  readonly advertisedHost: string;
  /** Why the wish can't be resolved (G14); null: it can. */
  readonly fault: string | null;
  /** The last failed health check of a thing, in words; null: none. */
  healthFaultOf(thing: Observed): string | null;
}

/**
 * The report on a plugin: on what answers the wish, or, before that is there, on what still runs or on the attempts
 * made. The generation is that of the thing seen, or of the attempts (G4, P3). Null where there is nothing to say.
 */
export function reportOf(context: ReportContext): PluginReport | null {
  const { view, plugin, fault } = context;
  const { domainId, pluginId, version } = plugin;
  const identity = { domainId, pluginId, version };
  const { target, record, things } = view;
  const current = currentOf(view);
  if (current) return { ...identity, ...reportOnThing(context, current) };
  const isFailed = fault !== null || (record !== null && record.failures >= failuresUntilError);
  const running = things.find(({ status }) => status === 'RUNNING');
  if (running && (!target || !isFailed || fault !== null)) return { ...identity, ...reportOnThing(context, running) };
  if (!target) return things[0] ? { ...identity, ...reportOnThing(context, things[0]) } : null;
  return {
    ...identity,
    state: isFailed ? 'ERROR' : 'PROVISIONING',
    observedGeneration: record?.generation ?? target.generation,
    ...messageOf(fault ?? record?.message ?? null),
  };
}

type ThingReport = Pick<PluginReport, 'state' | 'message' | 'endpoint' | 'endpoints' | 'observedGeneration'>;

function reportOnThing(context: ReportContext, thing: Observed): ThingReport {
  const { view } = context;
  const observedGeneration = thing.identity.generation;
  if (thing.status === 'FAILING') {
    return { state: 'ERROR', observedGeneration, ...messageOf(thing.reason ?? 'the engine says that it fails') };
  }
  if (thing.status === 'RUNNING' && view.healthOf(thing) === 'HEALTHY') {
    return { state: 'ACTIVE', observedGeneration, ...endpointsOf(context, thing) };
  }
  const { record } = view;
  const isOfRecord = record?.generation === observedGeneration;
  const isFailed = isOfRecord && record.failures >= failuresUntilError;
  const message = (isOfRecord ? record.message : null) ?? context.healthFaultOf(thing) ?? thing.reason;
  return { state: isFailed ? 'ERROR' : 'PROVISIONING', observedGeneration, ...messageOf(message) };
}

/** G10: the endpoints of a healthy thing. */
function endpointsOf(
  { ports, advertisedHost }: ReportContext,
  thing: Observed,
): Pick<ThingReport, 'endpoint' | 'endpoints'> {
  const endpoints = thing.ports.map((port) => {
    const scheme = ports.find(({ name }) => name === port.name)?.scheme ?? 'tcp';
    const host = port.advertisedHost ?? advertisedHost;
    return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port.port}`;
  });
  const [endpoint] = endpoints;
  return endpoint === undefined ? {} : { endpoint, endpoints };
}

function messageOf(message: string | null): { message?: string } {
  return message === null ? {} : { message };
}
