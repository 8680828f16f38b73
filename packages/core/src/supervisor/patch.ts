import { z } from 'zod';
import { requireMayMakePublic } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Limits } from '../base/settings.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { jsonObject, parse, perLimits, text } from '../base/validate.ts';
import type { SupervisorPatch } from './sql/changeSupervisor.ts';

/** The fields that `register` and `update` set: a field left out stays, null sets the default (S4). */
export type SupervisorPatchInput = z.input<ReturnType<typeof patchSchema>>;

/** Parses the fields that an operator sets, and refuses those that this viewer may not set (S7). */
export function parsePatch(viewer: Viewer, input: Unchecked<SupervisorPatchInput>, limits: Limits): SupervisorPatch {
  const fields = parse(patchSchema(limits), input);
  const patch: SupervisorPatch = {
    name: fields.name,
    isPublic: fields.isPublic === null ? false : fields.isPublic,
    priority: fields.priority === null ? 0 : fields.priority,
    labels: fields.labels === null ? {} : fields.labels,
    tags: fields.tags === null ? {} : fields.tags,
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
