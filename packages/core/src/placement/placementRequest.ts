import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import type { Capability } from '../access/policy.ts';
import { domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Limits } from '../base/settings.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { jsonObject, parse, perLimits, text } from '../base/validate.ts';
import type { WantedPlugin } from './place.ts';

/** A plugin to place, as an operator asks for it. */
export type PlacementRequest = DomainInput & z.input<ReturnType<typeof placementRequestSchema>>;

/**
 * Authorises the viewer and parses the request.
 *
 * @throws DomainError FORBIDDEN without the capability; BAD_USER_INPUT for a malformed field.
 */
export function parsePlacementRequest(
  viewer: Viewer,
  capability: Capability,
  request: Unchecked<PlacementRequest>,
  limits: Limits,
): WantedPlugin {
  const domainId = domainFor(viewer, capability, request.domainId);
  const parsed = parse(placementRequestSchema(limits), request);
  const { pluginId, version } = parsed;
  return {
    domainId,
    pluginId,
    version,
    labels: parsed.labels ?? {},
    supervisorId: parsed.supervisorId ?? null,
    allowPublic: parsed.allowPublic ?? true,
  };
}

const placementRequestSchema = perLimits((limits) => {
  return z.object({
    pluginId: text(limits.pluginIdLength),
    version: text(limits.pluginIdLength),
    /** M1: the labels that the supervisor must have, keys and values. Default: none. */
    labels: jsonObject(limits).nullish(),
    /** M2: the only supervisor to consider. Default: all. */
    supervisorId: text(limits.nameLength).nullish(),
    /** M2: whether public supervisors of other domains may take the plugin, now and when it is moved. Default true. */
    allowPublic: z.boolean().nullish(),
  });
});
