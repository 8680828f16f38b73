import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { createDatabase } from '../postgres.ts';
import { seed, seedFolder } from '../reports/seed.ts';
import { sideBySide } from '../sideBySide.ts';
import { measureStart } from './measure.ts';
import { readOptions, usage } from './options.ts';
import { explanation, formatStarts } from './results.ts';

/** The bench of how soon a server answers, and of its memory, beside other servers. */
export const start: Bench = {
  summary: 'how soon a server answers, and its memory idle and after a load, beside other servers',
  usage,
  report: async (args, signal) => {
    const options = readOptions(args);
    const { supervisors, plugins, ways, rounds } = options;
    await using undo = new AsyncDisposableStack();
    const database = await createDatabase();
    undo.defer(() => database.drop());
    await seed(database.url, supervisors, plugins, signal);
    const folder = await mkdtemp(join(tmpdir(), 'muster-bench-'));
    undo.defer(() => rm(folder, { recursive: true }));
    await seedFolder(folder, supervisors, plugins, signal);
    const ground = { databaseUrl: database.url, folder };
    const courses = await sideBySide(
      'start',
      ways,
      rounds,
      (way) => measureStart(way, ground, options, signal),
      signal,
    );
    return `${formatStarts(courses)}\n\n${explanation(options)}`;
  },
};
