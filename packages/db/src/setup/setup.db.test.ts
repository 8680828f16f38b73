import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { badSetups } from '../../testing/badSetups.ts';
import { findPostgresPrograms } from '../../testing/cluster.ts';
import { startSetupPlaces } from '../../testing/setupPlaces.ts';
import { testDatabaseKind } from '../../testing/testDatabase.ts';
import { openDatabase } from '../open.ts';
import { examineSetup } from './examineSetup.ts';
import { DatabaseSetupError } from './setupError.ts';

const programs = await findPostgresPrograms();

describe.runIf(testDatabaseKind() === 'postgresql' && programs)(
  'O11: a bad set-up is one line that says what to change',
  () => {
    let places: Awaited<ReturnType<typeof startSetupPlaces>>;
    beforeAll(async () => {
      places = await startSetupPlaces(programs ?? '');
    });
    afterAll(() => places.remove());

    test.each(badSetups)('$title', async ({ make, says }) => {
      const url = await make(places);
      const error = await openDatabase({ url, poolSize: 8, proveConnections: true }).then(
        () => expect.fail('expected a refusal'),
        (reason: unknown) => reason,
      );
      if (!(error instanceof DatabaseSetupError)) throw error;
      expect(error.message).toMatch(says);
      expect(error.message).toMatch(/^[^\n]+$/);
      expect(error.message).not.toContain('secret');

      const findings = await examineSetup({ url, poolSize: 8 });
      const told = findings.filter(({ level }) => level !== 'ok').map(({ message }) => message);
      expect(told.join('\n')).toMatch(says);
    });

    test('max_connections that are too few', async () => {
      await expect(openDatabase({ url: places.plain.url, poolSize: 69, proveConnections: true })).rejects.toThrow(
        /expected 70 connections at once; got \d\d \(sorry, too many clients already\): raise max_connections/,
      );
    });
  },
);
