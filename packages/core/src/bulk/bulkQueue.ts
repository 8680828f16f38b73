import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import { supervisorFromRow } from '../base/rows.ts';
import { parse, perLimits, text } from '../base/validate.ts';
import { insertBlock } from '../block/sql/insertBlock.ts';
import { isBlocked } from '../block/sql/isBlocked.ts';
import { type Core, internalsOf } from '../core.ts';
import type { SupervisorFilter } from '../query/filter.ts';
import { applyCommand } from '../supervisor/command.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { type BulkInput, type BulkResult, runBulk, type UncheckedBulk } from './runBulk.ts';

/** S11: registers each supervisor, as `registerSupervisor` does. */
export function registerSupervisors(
  core: Core,
  viewer: Viewer,
  input: UncheckedBulk<BulkInput<SupervisorFilter>>,
): Promise<BulkResult> {
  return runBulk(internalsOf(core), viewer, input, {
    entity: 'supervisor',
    model: supervisorFromRow,
    change: async (internals, { id }) =>
      (await applyCommand(internals, viewer, { supervisorId: id }, 'register')).changed,
  });
}

/** The supervisors to delete. */
type DeregisterSupervisorsInput = UncheckedBulk<BulkInput<SupervisorFilter> & z.input<typeof deregisterSchema>>;

const deregisterSchema = z.object({
  /** S5: whether managed plugins may be deleted too. Default false. */
  force: z.boolean('expected true or false').nullish(),
  /** S5: whether each hostname is blocked in the same step. Default false. */
  block: z.boolean('expected true or false').nullish(),
});

/** S11: deletes each supervisor, as `deregisterSupervisor` does. */
export function deregisterSupervisors(
  core: Core,
  viewer: Viewer,
  input: DeregisterSupervisorsInput,
): Promise<BulkResult> {
  const options = parse(deregisterSchema, input);
  return runBulk(internalsOf(core), viewer, input, {
    entity: 'supervisor',
    model: supervisorFromRow,
    change: async (internals, { id }) => {
      await deregisterSupervisor(internals, viewer, { supervisorId: id, ...options });
      return true;
    },
  });
}

/** The supervisors whose hostnames to block. */
type BlockHostnamesInput = UncheckedBulk<BulkInput<SupervisorFilter> & z.input<ReturnType<typeof blockSchema>>>;

const blockSchema = perLimits((limits) => z.object({ note: text(limits.nameLength).nullish() }));

/** S11: blocks the hostname of each supervisor, as `blockHostname` does. */
export function blockHostnames(core: Core, viewer: Viewer, input: BlockHostnamesInput): Promise<BulkResult> {
  const { note } = parse(blockSchema(core.settings.limits), input);
  return runBulk(internalsOf(core), viewer, input, {
    entity: 'supervisor',
    model: supervisorFromRow,
    change: async ({ db }, { domainId, hostname }) => {
      if (await isBlocked(db.sql, domainId, hostname)) return false;
      await insertBlock(db.sql, { domainId, hostname, note: note ?? null, actor: viewer.subject });
      return true;
    },
  });
}
