import { z } from 'zod';
import { flag, variable } from './variable.ts';

/** The settings of the console (docs/console.md). */
export const consoleVariables = {
  MUSTER_CONSOLE: variable({
    schema: flag,
    fallback: 'true',
    description: 'Whether the console is served, at /console/.',
  }),
  MUSTER_CONSOLE_LABEL: variable({
    schema: z.string().max(60, 'expected at most 60 characters').optional(),
    description:
      'Which environment this is, such as `production`: a bar on top of the console says it to whoever is about to change something. Not set: no bar.',
  }),
};
