import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openDatabase } from '../src/open.ts';
import { diffAgainstSchema } from './schemaDiff.ts';

/** Prints the SQL that the migrations still lack to make what schema.prisma says. */
const folder = await mkdtemp(join(tmpdir(), 'muster-diff-'));
try {
  await (await openDatabase({ dataDir: folder })).close();
  const pglite = await PGlite.create(folder);
  console.log(await diffAgainstSchema(pglite));
  await pglite.close();
} finally {
  await rm(folder, { recursive: true });
}
