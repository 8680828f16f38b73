import { Pool } from 'pg';
import { publishReport, sqlOver } from '../../reports/publishReport.ts';
import { listenForText } from '../../servers/listenForText.ts';
import { databaseUrl, poolSize } from '../../servers/settings.ts';

/** The limit of servers that store each report by its own statement: no GraphQL, no framework, no checks. */
const sql = sqlOver(new Pool({ connectionString: databaseUrl, max: poolSize }));

listenForText(async (body) => JSON.stringify(await publishReport(sql, JSON.parse(body))));
