import type { FoundNode } from '@muster/core';

/** A found object with the name of its type, by which abstract types tell types apart. */
export function branded(found: FoundNode | null) {
  return found && { ...found.node, __typename: found.kind };
}
