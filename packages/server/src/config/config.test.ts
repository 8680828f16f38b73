import { describe, expect, test } from 'vitest';
import { isLoopback, readConfig, refuseOpenToTheWorld, unknownVariables, variables } from './config.ts';
import { ConfigError } from './configError.ts';

test('with nothing set there is a configuration, and an empty variable counts as one that is not set', () => {
  const config = readConfig({});
  expect(config).toMatchObject({ HOST: '127.0.0.1', PORT: 4000, MUSTER_DATA_DIR: '.data', MUSTER_GRAPHIQL: true });
  expect(config.DATABASE_URL).toBeUndefined();
  expect(readConfig(Object.fromEntries(Object.keys(variables).map((name) => [name, ''])))).toEqual(config);
});

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

test('a variable with our prefix that is none of ours is told, and nothing else is', () => {
  expect(
    unknownVariables({ MUSTER_PORT: '1', MUSTER_DATA_DIR: '.', MUSTER_DEMO_AGENTS: '3', PORT: '1', PATH: '/bin' }),
  ).toEqual(['MUSTER_PORT']);
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
