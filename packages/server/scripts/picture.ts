import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../src/config/config.ts';
import { createLog } from '../src/observe/log.ts';
import { startServer } from '../src/startServer.ts';
import { findChromium, launchBrowser } from '../testing/browser.ts';

/**
 * Takes the picture of packages/playground/README.md: the playground with live events of the demo, on an empty server.
 */
const file = fileURLToPath(new URL('../../../docs/playground.png', import.meta.url));
const demo = fileURLToPath(new URL('../../agent/src/demo/main.ts', import.meta.url));

const executablePath = findChromium();
if (executablePath === null) throw new Error('expected chromium on the PATH; found none');
const config = readConfig({ PORT: '0', GRPC_PORT: '0', MUSTER_DATA_DIR: 'memory://', MUSTER_LOG_LEVEL: 'warn' });
const server = await startServer(config, createLog(config));
const browser = await launchBrowser(executablePath);
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 }, deviceScaleFactor: 1 });
  await page.goto(`${server.url}/graphql`);
  await page.click('.graphiql-tab-button >> text=Live');
  await page.click('.graphiql-execute-button');
  await page.waitForSelector('.live [data-state=live]');
  const story = ['--url', server.url, '--seed', '7', '--tick-ms', '200', '--rounds', '12'];
  await once(spawn(process.execPath, [demo, ...story], { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit');
  await page.waitForSelector('.live li:nth-child(20)');
  await page.screenshot({ path: file });
} finally {
  await browser.close();
  await server.stop();
}
