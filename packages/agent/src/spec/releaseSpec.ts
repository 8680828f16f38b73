import type { AssignmentFragment } from '@muster/client';

/** The make of a version of a plugin, as an assignment says it. */
export type ReleaseSpec = NonNullable<AssignmentFragment['spec']>;
