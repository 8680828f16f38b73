import type { ClientConfig } from 'pg';
import { readMigrations } from '../migrations/folder.ts';
import { lackingMigrations } from '../migrations/history.ts';
import type { Sql } from '../sql.ts';
import type { DatabaseTarget } from './databaseTarget.ts';
import { explainFailure } from './explainFailure.ts';
import { type Finding, findingOf } from './finding.ts';
import type { StartOptions } from './prepareDatabase.ts';
import { proveSessions } from './proveSessions.ts';
import { checkMayMigrate, checkSession, readSessionFacts } from './sessionChecks.ts';
import { openSetupClient, withSetupSession } from './setupSession.ts';
import { createSteps } from './steps.ts';

/** Looks at all that a start would look at, and changes nothing; the last finding may be of what hinders further ones. */
export async function examineDatabase(
  connection: ClientConfig,
  target: DatabaseTarget,
  { proveConnections, migrationsDir }: Pick<StartOptions, 'proveConnections' | 'migrationsDir'>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const explained = async (subject: string, look: () => Promise<readonly Finding[]>) => {
    try {
      findings.push(...(await look()));
    } catch (error) {
      findings.push(findingOf(subject, explainFailure(error, target)));
    }
  };
  const parts = { steps: createSteps(() => {}), signal: undefined, onQuery: () => {} };
  const examine = async (_client: unknown, sql: Sql) => {
    findings.push({ subject: 'database', level: 'ok', message: `"${target.database}" at ${target.server} answers` });
    const facts = await readSessionFacts(sql, target.schema);
    findings.push(...checkSession(facts, target));
    await explained('connections', async () => [
      await proveSessions(() => openSetupClient(connection, target), proveConnections, target),
    ]);
    await explained('migrations', () => examineMigrations(sql, migrationsDir));
    if (findings.at(-1)?.level === 'warning') findings.push(checkMayMigrate(facts, target));
  };
  await explained('database', async () => {
    await withSetupSession(connection, target, parts, examine);
    return [];
  });
  return findings;
}

/** Which migrations are lacking. @throws DatabaseSetupError for a history that is not this code's */
export async function examineMigrations(sql: Sql, migrationsDir: string): Promise<Finding[]> {
  const known = await readMigrations(migrationsDir);
  const lacking = await lackingMigrations(sql, known);
  const subject = 'migrations';
  if (lacking.length === 0) return [{ subject, level: 'ok', message: `all are applied, up to ${known.at(-1)?.name}` }];
  const message = `${lacking.length} are lacking, from ${lacking[0]?.name} on: a start applies them, or "muster migrate"`;
  return [{ subject, level: 'warning', message }];
}
