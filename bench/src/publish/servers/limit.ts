import { createServer, type IncomingMessage } from 'node:http';
import { Pool } from 'pg';
import { publishReport, sqlOver } from '../../reports/publishReport.ts';
import type { Report } from '../../reports/report.ts';
import { databaseUrl, listen, poolSize } from './listen.ts';

/** What no server that takes one report a statement can undercut: no GraphQL, no framework, no checks. */
const sql = sqlOver(new Pool({ connectionString: databaseUrl, max: poolSize }));

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function answer(request: IncomingMessage): Promise<string> {
  const report: Report = JSON.parse(await readText(request));
  return JSON.stringify(await publishReport(sql, report));
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
