import { z } from 'zod';
import { requireMayMakePublic } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Limits } from '../base/settings.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { type JsonObject, jsonObject, parse, perLimits, text } from '../base/validate.ts';
import type { SupervisorPatch } from './sql/changeSupervisor.ts';

/** What `register` and `update` take: a field left out stays, null clears it to its default (S4). */
export interface SupervisorPatchInput {
  name?: string | undefined | null;
  isPublic?: boolean | null | undefined;
  priority?: number | null | undefined;
  labels?: JsonObject | null | undefined;
  tags?: JsonObject | null | undefined;
}

/** Checks the fields that an operator sets, and that this one may set them (S7). */
export function checkPatch(viewer: Viewer, input: Unchecked<SupervisorPatchInput>, limits: Limits): SupervisorPatch {
  const given = parse(patchSchema(limits), input);
  const patch: SupervisorPatch = {
    name: given.name,
    isPublic: given.isPublic === null ? false : given.isPublic,
    priority: given.priority === null ? 0 : given.priority,
    labels: given.labels === null ? {} : given.labels,
    tags: given.tags === null ? {} : given.tags,
  };
  if (patch.isPublic) requireMayMakePublic(viewer);
  return patch;
}

const patchSchema = perLimits((limits) => {
  return z.object({
    name: text(limits.nameLength).optional(),
    isPublic: z.boolean().nullish(),
    priority: z.int32().nullish(),
    labels: jsonObject(limits).nullish(),
    tags: jsonObject(limits).nullish(),
  });
});
