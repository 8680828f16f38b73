import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isLoopback, readConfig, refuseOpenToTheWorld, unknownVariables, variables } from './config.ts';
import { ConfigError } from './configError.ts';

test('with nothing set there is a configuration', () => {
  const config = readConfig({});
  expect(config).toMatchObject({ HOST: '127.0.0.1', PORT: 4000, MUSTER_DATA_DIR: '.data', MUSTER_GRAPHIQL: true });
  expect(config.DATABASE_URL).toBeUndefined();
});

describe('O10', () => {
  test.each(Object.keys(variables))('%s is refused if it is set but empty, and so is its file', async (name) => {
    const says = `${name}: expected a text, or a variable that is not set; got an empty one`;
    expect(() => readConfig({ [name]: '' })).toThrow(says);
    expect(() => readConfig({ [`${name}_FILE`]: '' })).toThrow(says.replace(name, `${name}_FILE`));
    const empty = await newFile('\n');
    expect(() => readConfig({ [`${name}_FILE`]: empty })).toThrow(
      `${name}_FILE: expected a file with a text; got the empty file ${empty}`,
    );
  });

  test.each(['\n', '\r\n', ''])(
    'a variable’s text may stand in a file, whose last line end doesn’t count: %j',
    async (end) => {
      const config = readConfig({
        DATABASE_URL_FILE: await newFile(`postgresql://user:hush@host/x${end}`),
        MUSTER_JWT_SECRET_FILE: await newFile(`${' a secret\nof two lines'.repeat(2)}${end}`),
        PORT_FILE: await newFile(`80${end}`),
      });
      expect(config).toMatchObject({
        DATABASE_URL: 'postgresql://user:hush@host/x',
        MUSTER_JWT_SECRET: ' a secret\nof two lines a secret\nof two lines',
        PORT: 80,
      });
    },
  );

  test('a variable with both a text and a file is refused, and a file that can’t be read', async () => {
    expect(() => readConfig({ PORT: '1', PORT_FILE: '/x' })).toThrow('PORT: expected it or PORT_FILE; got both');
    expect(() => readConfig({ PORT_FILE: '/nowhere/x' })).toThrow(
      'PORT_FILE: expected a file that can be read; got ENOENT for /nowhere/x',
    );
    expect(() => readConfig({ PORT_FILE: '/' })).toThrow('got EISDIR for /');
  });

  test('what a file holds is checked like a variable, and a secret isn’t shown', async () => {
    const port = await newFile('http');
    expect(() => readConfig({ PORT_FILE: port })).toThrow('PORT: expected a whole number from 0 to 65535; got "http"');
    const secret = await newFile('hush');
    expect(() => readConfig({ MUSTER_JWT_SECRET_FILE: secret })).toThrow('got another text');
  });

  test.each([
    ['MUSTER_PORT', 'PORT'],
    ['MUSTER_DATABASE_URL', 'DATABASE_URL'],
    ['MUSTER_DATABASE_URL_FILE', 'DATABASE_URL_FILE'],
    ['MUSTER_LOGLEVEL', 'MUSTER_LOG_LEVEL'],
    ['MUSTER_LEASE_SECOND', 'MUSTER_LEASE_SECONDS'],
    ['MUSTER_JWT_SECRETS_FILE', 'MUSTER_JWT_SECRET_FILE'],
  ])('%s is warned of, with the nearest name: %s', (name, nearest) => {
    expect(unknownVariables({ [name]: '1' })).toEqual([
      `${name} is set, and means nothing to this server; is ${nearest} meant?`,
    ]);
  });

  test('a variable that is like none of ours is warned of, and one of ours or of others isn’t', () => {
    expect(unknownVariables({ MUSTER_FLUX_CAPACITOR: '1' })).toEqual([
      'MUSTER_FLUX_CAPACITOR is set, and means nothing to this server; is it misspelt?',
    ]);
    const known = {
      MUSTER_DATA_DIR: '.',
      MUSTER_DEMO_AGENTS: '3',
      PORT: '1',
      PATH: '/bin',
      MUSTER_JWT_SECRET_FILE: '/x',
    };
    expect(unknownVariables(known)).toEqual([]);
  });
});

/** A file with a text, which the test's end removes. */
async function newFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'text');
  await writeFile(file, text);
  return file;
}

test('each variable is read as its type', () => {
  expect(
    readConfig({ PORT: '0', MUSTER_GRAPHIQL: 'false', DATABASE_URL: 'postgres://h/x', MUSTER_LOG_LEVEL: 'silent' }),
  ).toMatchObject({ PORT: 0, MUSTER_GRAPHIQL: false, DATABASE_URL: 'postgres://h/x', MUSTER_LOG_LEVEL: 'silent' });
});

test('origins are read from between commas, and none are allowed when nothing is set', () => {
  expect(readConfig({ MUSTER_CORS_ORIGINS: 'https://a.example, http://b:8080,' }).MUSTER_CORS_ORIGINS).toEqual(
    new Set(['https://a.example', 'http://b:8080']),
  );
  expect(readConfig({}).MUSTER_CORS_ORIGINS).toEqual(new Set());
});

describe('an error names the variable, what was expected, and what came', () => {
  const wholeNumbers = Object.entries(variables).filter(([, { fallback }]: [string, { fallback?: string }]) =>
    /^\d+$/.test(fallback ?? ''),
  );
  test.each(wholeNumbers)('%s, a whole number within bounds', (name) => {
    for (const wrong of ['-1', '1.5', 'ten', '1e3', ' 5', '0x10', '99999999999999']) {
      expect(() => readConfig({ [name]: wrong })).toThrow(
        new RegExp(`^${name}: expected a whole number from \\d+ to \\d+; got "${wrong.replace('.', '\\.')}"$`),
      );
    }
  });

  test.each([
    ['MUSTER_GRAPHIQL', 'yes', 'expected true or false; got "yes"'],
    ['MUSTER_LOG_LEVEL', 'loud', 'expected a level, such as info; got "loud"'],
    ['MUSTER_JWKS_URL', 'ftp://keys', 'expected an http or https URL; got "ftp://keys"'],
    ['MUSTER_CORS_ORIGINS', '*', 'expected origins between commas, each such as https://ops.example; got "*"'],
    ['MUSTER_CORS_ORIGINS', 'null', 'expected origins between commas, each such as https://ops.example; got "null"'],
    [
      'MUSTER_CORS_ORIGINS',
      'https://a.example/',
      'expected origins between commas, each such as https://ops.example; got "https://a.example/"',
    ],
    [
      'MUSTER_CORS_ORIGINS',
      'https://a.example, a.example',
      'expected origins between commas, each such as https://ops.example; got "https://a.example, a.example"',
    ],
  ])('%s=%s', (name, wrong, says) => {
    expect(() => readConfig({ [name]: wrong })).toThrow(ConfigError);
    expect(() => readConfig({ [name]: wrong })).toThrow(`${name}: ${says}`);
  });

  test('but not a secret', () => {
    const read = () => readConfig({ MUSTER_JWT_SECRET: 'hush' });
    expect(read).toThrow('MUSTER_JWT_SECRET: expected a secret of at least 32 bytes; got another text');
  });

  test('but not a text that holds a password', () => {
    const read = () => readConfig({ DATABASE_URL: 'mysql://user:hush@host/x' });
    expect(read).toThrow('DATABASE_URL: expected a URL that begins with postgresql://; got another text');
    expect(read).not.toThrow(/hush/);
  });
});

test('each variable says what it does, and its fallback is a text that it takes', () => {
  for (const [name, variable] of Object.entries(variables)) {
    expect(variable.description, name).toMatch(/\.$/);
    if ('fallback' in variable) expect(() => readConfig({ [name]: variable.fallback })).not.toThrow();
  }
});

describe('A5: only this machine may reach a server without credentials', () => {
  test.each(['127.0.0.1', '127.255.0.9', 'localhost', '::1', '[::1]'])('%s is this machine', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '127.0.0.1.evil.example',
    '127.1',
    'localhost.evil.example',
    '',
    '::ffff:8.8.8.8',
  ])('%j is not, or may not be', (host) => {
    expect(isLoopback(host)).toBe(false);
  });

  test.each(['0.0.0.0', '::', '192.168.1.1', 'muster.example'])(
    'HOST=%s is refused while the server runs open',
    (host) => {
      const config = readConfig({ HOST: host });
      expect(() => refuseOpenToTheWorld(config, { open: true })).toThrow(
        /^HOST: expected a loopback address.*ADMIN; got/,
      );
      expect(() => refuseOpenToTheWorld(config, { open: false })).not.toThrow();
    },
  );
});

test.each(['/muster', '/a/b.c_d-e~', '/'])('O13: %s is a prefix of paths', (path) => {
  expect(readConfig({ MUSTER_BASE_PATH: path }).MUSTER_BASE_PATH).toBe(path === '/' ? '' : path);
});

test.each(['muster', '/muster/', '//', '/a b', '/a?b', '/graphql', '/plugin/x', '/ready'])(
  'O13: %s is no prefix',
  (path) => {
    expect(() => readConfig({ MUSTER_BASE_PATH: path })).toThrow('MUSTER_BASE_PATH: expected a path');
  },
);
