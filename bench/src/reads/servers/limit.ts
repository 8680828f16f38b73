import { createServer, type IncomingMessage } from 'node:http';
import { Pool } from 'pg';
import { databaseUrl, listen, poolSize } from '../../publish/servers/listen.ts';
import { readBare } from '../bodies.ts';
import { answers } from './statements.ts';

/** What no server can undercut that asks PostgreSQL for every answer: no GraphQL, no framework, no checks. */
const pool = new Pool({ connectionString: databaseUrl, max: poolSize });

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}

async function answer(request: IncomingMessage): Promise<string> {
  const { work, id } = readBare(await readText(request));
  if (work === 'empty') return '{"data":{"__typename":"Query"}}';
  const values = work === 'get' ? [id] : [];
  const { rows } = await pool.query<{ text: string }>({ name: work, text: answers[work], values });
  return rows[0]?.text ?? '';
}

listen(
  createServer((request, response) => {
    answer(request).then(
      (text) => {
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
          .end(text);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }),
);
