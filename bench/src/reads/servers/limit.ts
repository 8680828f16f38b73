import { Pool } from 'pg';
import { listenForText } from '../../servers/listenForText.ts';
import { databaseUrl, poolSize } from '../../servers/settings.ts';
import { parseBareRequest } from '../bodies.ts';
import { answers } from './statements.ts';

/** The limit of servers that ask PostgreSQL for every answer: no GraphQL, no framework, no checks. */
const pool = new Pool({ connectionString: databaseUrl, max: poolSize });

listenForText(async (body) => {
  const { work, id } = parseBareRequest(body);
  if (work === 'empty') return '{"data":{"__typename":"Query"}}';
  const values = work === 'get' ? [id] : [];
  const { rows } = await pool.query<{ text: string }>({ name: work, text: answers[work], values });
  return rows[0]?.text ?? '';
});
