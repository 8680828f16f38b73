import { z } from 'zod';
import type { Capability } from '../access/policy.ts';
import { domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { type JsonObject, jsonObject, parse, perLimits, text } from '../base/validate.ts';
import type { CoreInternals } from '../core.ts';
import type { WantedPlugin } from './place.ts';

/** What is to be placed, as an operator says it. */
export interface PlacementRequest {
  domainId?: string | null | undefined;
  pluginId: string;
  version: string;
  /** What the supervisor's labels must contain. Default: nothing. */
  labels?: JsonObject | null | undefined;
  /** The only supervisor that will do. Default: the best of all. */
  supervisorId?: string | null | undefined;
}

/** Checks who asks, and what for. */
export function parsePlacementRequest(
  core: CoreInternals,
  viewer: Viewer,
  capability: Capability,
  input: PlacementRequest,
): WantedPlugin {
  const domainId = domainFor(viewer, capability, input.domainId);
  const { pluginId, version, labels, supervisorId } = parse(placementRequestSchema(core.settings.limits), input);
  return { domainId, pluginId, version, labels: labels ?? {}, supervisorId: supervisorId ?? null };
}

const placementRequestSchema = perLimits((limits) => {
  return z.object({
    pluginId: text(limits.pluginIdLength),
    version: text(limits.pluginIdLength),
    labels: jsonObject(limits).nullish(),
    supervisorId: text(limits.nameLength).nullish(),
  });
});
