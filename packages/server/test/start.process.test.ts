import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { beginServer, expectNoStart, spawnServer } from '../testing/process.ts';

describe('what does not come up says why in one line, without a secret, and ends with 1', () => {
  test.each([
    ['another scheme', 'mysql://user:secret@localhost/x', /DATABASE_URL: expected a URL that begins with postgresql/],
    ['malformed', 'postgresql://user:secret@:port/x', /DATABASE_URL: expected postgresql:\/\//],
    ['nobody there', 'postgresql://user:secret@127.0.0.1:1/x', /127\.0\.0\.1:1 .*ECONNREFUSED/],
    ['nobody there, at either address of a name', 'postgresql://user:secret@localhost:1/x', /ECONNREFUSED/],
    ['a name that is none', 'postgresql://user:secret@nowhere.invalid/x', /nowhere\.invalid/],
  ])('DATABASE_URL: %s', async (_title, url, says) => {
    await expectNoStart({ DATABASE_URL: url }, says);
  });

  test('A5: an address that others can reach', async () => {
    await expectNoStart(
      { HOST: '0.0.0.0', MUSTER_DATA_DIR: 'memory://' },
      /HOST: expected a loopback address.*"0\.0\.0\.0"/,
    );
  });

  test('O10: a variable that is set but empty', async () => {
    await expectNoStart({ DATABASE_URL: '' }, /DATABASE_URL: expected a text, or a variable that is not set/);
  });

  test('a variable that is wrong', async () => {
    await expectNoStart({ PORT: 'http' }, /PORT: expected a whole number from 0 to 65535; got "http"/);
  });
});

describe('O8: with the database away', () => {
  const away = { DATABASE_URL: 'postgresql://user:secret@127.0.0.1:1/x' };

  test('the first line says that it starts, then it says what it waits for, and hears signals', async () => {
    const server = beginServer(away);
    await expect
      .poll(server.output)
      .toMatch(/^[^\n]*Muster starts[^\n]*\n[\s\S]*waiting for the database, for up to 60 s more: .*nothing listens/);
    server.kill('SIGTERM');
    const end = await server.ended;
    expect(end).toMatchObject({ code: 0, signal: null, errors: '' });
    expect(end.output).toMatch(/SIGTERM: stopping[\s\S]*stopped/);
  });

  test('it gives up after MUSTER_START_TIMEOUT_SECONDS', async () => {
    await expectNoStart({ ...away, MUSTER_START_TIMEOUT_SECONDS: '1' }, /nothing listens at 127\.0\.0\.1:1/);
  });
});

test.each(['PORT', 'GRPC_PORT'])('O11: %s that another program has', async (variable) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  onTestFinished(() => void other.close());
  await expectNoStart(
    { MUSTER_DATA_DIR: 'memory://', [variable]: String(port) },
    new RegExp(`: ${variable}: 127\\.0\\.0\\.1:${port} is in use .*choose another port`),
  );
});

test('O11: a HOST that is none of this machine', async () => {
  await expectNoStart(
    { MUSTER_DATA_DIR: 'memory://', HOST: '192.0.2.1', MUSTER_JWT_SECRET: 'x'.repeat(32) },
    /HOST: expected an address of this machine; got "192\.0\.2\.1" \(EADDRNOTAVAIL\)/,
  );
});

test.each([
  ['json', { level: 30, msg: expect.stringMatching(/^Muster is ready\. Playground: \S+$/) }],
  ['pretty', null],
])('as %s, the log has the addresses at its end; for people, it says how to go on', async (format, last) => {
  const server = await spawnServer({ MUSTER_DATA_DIR: 'memory://', MUSTER_LOG_FORMAT: format });
  const output = server.output();
  server.kill('SIGTERM');
  await server.ended;
  if (last) expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toMatchObject(last);
  else expect(output).toMatch(/INFO: Muster is ready\..*All that there is {3}http:.*npx -y pnpm@12 demo/s);
});
