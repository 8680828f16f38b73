import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pgliteTemplate, testDatabaseKind } from '@muster/db/testing';
import { badFolders } from '@muster/db/testing/badFolders';
import { badSetups } from '@muster/db/testing/badSetups';
import { findPostgresPrograms, otherUser } from '@muster/db/testing/cluster';
import { startSetupPlaces } from '@muster/db/testing/setupPlaces';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ProcessEnd, type RunAs, runCommand, runServer } from '../testing/index.ts';

const programs = await findPostgresPrograms();
/** Every command that opens the database, but the doctor. */
const commands = ['migrate', 'keys list', 'keys create --name a --role ADMIN', 'keys revoke key-000000000000'];

/** The server and each command say in one line what to change, without a stack and a secret, and end with 1. */
async function expectAllToSay(says: RegExp, env: Record<string, string>, user?: RunAs): Promise<void> {
  const environment = { MUSTER_START_TIMEOUT_SECONDS: '0', ...env };
  const expectOneLine = ({ code, errors }: ProcessEnd, before: RegExp) => {
    expect(code).toBe(1);
    const lines = errors.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(says);
    // Before it, only what is being done.
    for (const line of lines.slice(0, -1)) expect(line).toMatch(before);
    expect(errors).not.toContain('secret');
  };
  const server = await runServer(environment, user);
  expectOneLine(server, /^$/);
  expect(server.errors).toMatch(/^Muster can't start: /);
  expect(server.output).not.toMatch(/secret|\n *at /);
  for (const command of commands) {
    const end = await runCommand(command.split(' '), environment, user);
    expectOneLine(end, /^(connecting to|opening the embedded|the database is|reading|.* has no effect)/);
  }
  const doctor = await runCommand(['doctor'], environment, user);
  expect(doctor).toMatchObject({ code: 1, errors: '' });
  const failures = doctor.output.split('\n').filter((line) => line.startsWith('failure '));
  expect(failures.join('\n')).toMatch(says);
  expect(doctor.output).not.toContain('secret');
}

describe.runIf(testDatabaseKind() === 'postgresql' && programs)('O11: with PostgreSQL', () => {
  let places: Awaited<ReturnType<typeof startSetupPlaces>>;
  beforeAll(async () => {
    places = await startSetupPlaces(programs ?? '');
  });
  afterAll(() => places.remove());

  test.each(badSetups)('$title', async ({ make, says }) => {
    await expectAllToSay(says, { DATABASE_URL: await make(places), MUSTER_DATABASE_POOL_SIZE: '8' });
  });
});

describe.runIf(testDatabaseKind() === 'pglite')('O11: with the embedded database', async () => {
  // Where the tests run as root, these processes run as somebody whom the rights of files bind.
  const other = await otherUser();

  test.each(badFolders)('$title', async ({ make, says, bindsOnlyOthersThanRoot = false }) => {
    const user = bindsOnlyOthersThanRoot ? other : undefined;
    const parent = await mkdtemp(join(tmpdir(), 'muster-bad-folder-'));
    onTestFinished(() => rm(parent, { recursive: true }));
    await chmod(parent, 0o777);
    const folder = join(parent, 'data');
    await make(folder, join(pgliteTemplate(), 'cluster'));
    if (user) await chown(folder, user.uid, user.gid);
    await expectAllToSay(says, { MUSTER_DATA_DIR: folder }, user);
  });
});
