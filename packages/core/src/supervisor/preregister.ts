import type { Supervisor } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, supervisorLimit } from '../base/errors.ts';
import { newSupervisorId } from '../base/ids.ts';
import { supervisorFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { parse, perLimits, text } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { type CommandTarget, commandSupervisor } from './command.ts';
import { supervisorLifecycle, supervisorReasons } from './lifecycle.ts';
import { parsePatch, type SupervisorPatchInput } from './patch.ts';
import type { SupervisorPatch } from './sql/changeSupervisor.ts';
import { findByHostname } from './sql/findByHostname.ts';
import { insertPreregistered } from './sql/insertPreregistered.ts';

/** How often a hostname is looked for again because it came or went meanwhile. */
const maxTries = 10;

/** The supervisor to register by its hostname. */
export type PreregisterInput = DomainInput & z.input<ReturnType<typeof hostnameSchema>> & SupervisorPatchInput;

const hostnameSchema = perLimits((limits) => z.object({ hostname: text(limits.nameLength) }));

/**
 * Registers a supervisor by its hostname (S2). One that is not known is created DISCONNECTED: its first publish makes it
 * ENABLED, fixes its secret, and brings the fields that are left out here, but no others (S3, S6). One that is known is
 * registered as by its id.
 *
 * @throws DomainError SUPERVISOR_STATE where it is registered already; LIMIT past the domain's quota (A8)
 */
export async function preregisterSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<PreregisterInput>,
): Promise<Supervisor> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const { limits, quotas } = core.settings;
  const { hostname } = parse(hostnameSchema(limits), input);
  const patch = parsePatch(viewer, input, limits);
  const { sql } = internals.db;
  const outcome = supervisorLifecycle.UNKNOWN.preregister;
  if (outcome.kind !== 'become') throw new Error('the lifecycle registers nobody before the first publish');
  for (let tries = 0; tries < maxTries; tries++) {
    const known = await findByHostname(sql, domainId, hostname);
    if (known) {
      const registered = await registerKnown(internals, viewer, { supervisorId: known.id, domainId }, patch);
      if (registered) return registered;
      continue;
    }
    const created = await insertPreregistered(sql, {
      id: newSupervisorId(),
      domainId,
      hostname,
      patch,
      state: outcome.state,
      actor: viewer.subject,
      reason: supervisorReasons.preregister,
      quota: quotas.supervisors,
      clockOffsetMs: internals.clockOffsetMs(),
    });
    if (created === 'LIMIT') throw supervisorLimit(domainId, quotas.supervisors);
    if (created !== 'KNOWN') return supervisorFromRow(created);
  }
  throw new DomainError('UNAVAILABLE', `supervisor ${hostname} keeps changing; try again`);
}

/** Registers a known supervisor; undefined where it was deregistered since it was found. */
async function registerKnown(
  core: CoreInternals,
  viewer: Viewer,
  target: CommandTarget,
  patch: SupervisorPatch,
): Promise<Supervisor | undefined> {
  try {
    return await commandSupervisor(core, viewer, target, 'preregister', patch);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
