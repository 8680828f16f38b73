import { testDatabaseKind } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createStorage,
  expectNoStart,
  graphql,
  type SpawnedServer,
  spawnServer,
  type TestStorage,
} from '../testing/index.ts';

describe.runIf(testDatabaseKind() === 'pglite')('a server on a data folder', () => {
  let storage: TestStorage;
  let server: SpawnedServer;
  beforeAll(async () => {
    storage = await createStorage();
    server = await spawnServer(storage.env);
  });
  afterAll(async () => {
    server.kill('SIGKILL');
    await server.ended;
    await storage.remove();
  });

  test('says on starting that the database is the embedded one, and where it is', () => {
    expect(server.output()).toContain(`embedded one, in ${storage.env.MUSTER_DATA_DIR}`);
  });

  test('O1: is the only one there: another does not come up', async () => {
    await expectNoStart(storage.env, /MUSTER_DATA_DIR: .* in use by process \d+/);
    expect(await graphql(server.url, '{ viewer { role } }')).toMatchObject({ status: 200 });
  });

  test('O1: leaves nothing that blocks the next start, if it is killed', async () => {
    server.kill('SIGKILL');
    await server.ended;
    server = await spawnServer(storage.env);
    expect(server.output()).not.toContain('waiting');
  });

  test('does not come up where the folder is a file', async () => {
    await expectNoStart({ MUSTER_DATA_DIR: import.meta.filename }, /MUSTER_DATA_DIR: .* is not a folder: name one/);
  });
});
