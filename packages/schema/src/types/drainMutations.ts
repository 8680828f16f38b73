import { cordonSupervisor, drainSupervisor, uncordonSupervisor, undrainSupervisor } from '@muster/core';
import { supervisorMutation, targetFields } from './supervisorMutation.ts';

supervisorMutation('cordonSupervisor', {
  description: 'Keeps new plugins away from a supervisor. The plugins on it stay and keep serving.',
  inputDescription: 'The supervisor to cordon.',
  fields: targetFields,
  run: cordonSupervisor,
});

supervisorMutation('uncordonSupervisor', {
  description:
    'Lets plugins be placed on a supervisor again. SUPERVISOR_STATE while the supervisor is being drained or QUEUED for that.',
  inputDescription: 'The supervisor to uncordon.',
  fields: targetFields,
  run: uncordonSupervisor,
});

supervisorMutation('drainSupervisor', {
  description:
    'Cordons a supervisor and moves its managed plugins to other supervisors. Each plugin stays until its replacement is ACTIVE. A supervisor that is being drained gets the new deadline, if one is given.',
  inputDescription: 'The supervisor to drain, and the deadline.',
  fields: (t) => ({
    ...targetFields(t),
    deadlineSeconds: t.int({
      description:
        'The time in seconds until the drain ends, and leaves the plugins that could not be moved: at most 2,592,000 (30 days). Default: 3,600, or the deadline that the drain has already.',
    }),
  }),
  run: (core, viewer, input) => drainSupervisor(core, viewer, input),
});

supervisorMutation('undrainSupervisor', {
  description:
    'Ends a drain: plugins that have not been moved yet stay. The supervisor takes plugins again, unless it was cordoned by itself, before the drain or during it.',
  inputDescription: 'The supervisor whose drain to end.',
  fields: targetFields,
  run: undrainSupervisor,
});
