import type { Capability, Core, Viewer } from '@muster/core';
import type { InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core';
import { builder, type InputFields, type Types } from '../builder.ts';
import { prefixInputErrors } from '../inputs/prefixInputErrors.ts';

/** The descriptions and the input of a mutation. */
export interface MutationInput<Fields extends InputFieldMap> {
  /** The capability that the viewer's role must have. Default: operate. */
  readonly capability?: Capability;
  readonly description: string;
  /** The description of the input's type and of the argument. */
  readonly inputDescription: string;
  /** The fields of the input. */
  readonly fields: (t: InputFields) => Fields;
}

/** The operation of a mutation. */
export type Run<Fields extends InputFieldMap, Result> = (
  core: Core,
  viewer: Viewer,
  input: NoInfer<InputShapeFromFields<Fields>>,
) => Promise<Result>;

interface InputMutation<Fields extends InputFieldMap, Result> extends MutationInput<Fields> {
  readonly payload: ObjectRef<Types, Result>;
  readonly run: Run<Fields, Result>;
}

/** The type name that belongs to a mutation: `EnableSupervisorPayload` of `enableSupervisor`. */
export const mutationTypeName = (mutation: string, suffix: 'Input' | 'Payload') =>
  `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}${suffix}`;

/** Defines a mutation and its input, whose type is named after the mutation. */
export function inputMutation<Fields extends InputFieldMap, Result>(
  name: string,
  { capability = 'operate', payload, run, ...options }: InputMutation<Fields, Result>,
): void {
  const description = options.inputDescription;
  const Input = builder.inputType(mutationTypeName(name, 'Input'), { description, fields: options.fields });
  builder.mutationField(name, (t) =>
    t.field({
      type: payload,
      authScopes: { [capability]: true },
      nullable: true,
      description: options.description,
      args: { input: t.arg({ type: Input, required: true, description }) },
      resolve: (_root, args, { core, viewer }) => {
        // Pothos computes the types of `args` and of the result only once `Fields` and `Result` are known.
        const { input } = args as { input: InputShapeFromFields<Fields> };
        return prefixInputErrors(run(core, viewer, input)) as never;
      },
    }),
  );
}
