import type { Supervisor as SupervisorModel } from '@muster/db';
import type { InputFieldMap } from '@pothos/core';
import { builder, type InputFields } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { inputMutation, type MutationInput, mutationTypeName, type Run } from './inputMutation.ts';
import { Supervisor } from './supervisor.ts';

/** The fields that name the supervisor of a mutation. */
export const targetFields = (t: InputFields) => ({
  supervisorId: t.id({
    required: true,
    description: 'The id of the supervisor. NOT_FOUND where there is none that you may see.',
  }),
  domainId: t.id({ description: domainIdDescription.target }),
});

interface SupervisorMutation<Fields extends InputFieldMap> extends MutationInput<Fields> {
  readonly run: Run<Fields, SupervisorModel>;
}

/** Defines a mutation that changes one supervisor and returns it in a payload named after the mutation. */
export function supervisorMutation<Fields extends InputFieldMap>(
  name: string,
  { run, ...options }: SupervisorMutation<Fields>,
): void {
  const payload = builder.objectRef<{ supervisor: SupervisorModel }>(mutationTypeName(name, 'Payload')).implement({
    description: `The answer to \`${name}\`.`,
    fields: (t) => ({
      supervisor: t.field({
        type: Supervisor,
        description: 'The supervisor after the change.',
        resolve: ({ supervisor }) => supervisor,
      }),
    }),
  });
  inputMutation(name, {
    ...options,
    payload,
    run: async (core, viewer, input) => ({ supervisor: await run(core, viewer, input) }),
  });
}
