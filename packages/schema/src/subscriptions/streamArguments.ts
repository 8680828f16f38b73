import type { Arguments } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';

/** The arguments that every stream of a domain's changes takes. */
export const streamArguments = (arg: Arguments, afterDescription: string) => ({
  domainId: arg.id({ description: domainIdDescription.read }),
  after: arg({ type: 'Cursor', description: afterDescription }),
});
