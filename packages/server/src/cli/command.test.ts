import { describe, expect, test } from 'vitest';
import { readCommand } from './command.ts';

const read = (line: string) => readCommand(line.split(' ').filter(Boolean));

test('a key is made with a name, a role, and perhaps a domain and a lifetime', () => {
  expect(read('keys create --name first --role admin')).toEqual({
    kind: 'create',
    name: 'first',
    role: 'ADMIN',
    domainId: null,
    hostname: null,
    lifetimeMs: null,
  });
  expect(read('keys create --role=VIEWER --name=a --domain acme --expires-in 12h')).toMatchObject({
    role: 'VIEWER',
    domainId: 'acme',
    lifetimeMs: 43_200_000,
  });
});

test('an agent’s JWT is made for a host and a domain, and is named after the host unless named otherwise', () => {
  expect(read('keys create --agent-jwt --hostname edge-1 --domain acme --expires-in 30d')).toEqual({
    kind: 'createAgentToken',
    name: null,
    domainId: 'acme',
    hostname: 'edge-1',
    lifetimeMs: 30 * 86_400_000,
  });
  expect(read('keys create --agent-jwt --host edge-1 --domain acme --name a --role supervisor')).toMatchObject({
    name: 'a',
    hostname: 'edge-1',
  });
});

test('keys are listed and revoked, and the text of one is generated', () => {
  expect(read('keys generate')).toEqual({ kind: 'generate' });
  expect(read('keys list --domain acme')).toEqual({ kind: 'list', domainId: 'acme', json: false });
  expect(read('keys list --json')).toEqual({ kind: 'list', domainId: null, json: true });
  const id = 'key-0123456789ab';
  expect(read(`keys revoke ${id}`)).toEqual({ kind: 'revoke', id, cascade: false });
  expect(read(`keys revoke ${id} --cascade`)).toEqual({ kind: 'revoke', id, cascade: true });
});

test.each(['', '--help', 'keys create -h', 'serve --help'])('"%s" asks for help', (line) => {
  expect(read(line)).toEqual({ kind: 'help' });
});

describe('what is wrong is told with what was expected', () => {
  test.each([
    [
      'keys',
      'expected serve, migrate, doctor, log renew, keys create, keys generate, keys list or keys revoke <key-id>; got keys',
    ],
    ['keys revoke', 'got keys revoke'],
    ['keys create --name a', 'expected --role; got none'],
    ['keys create --name a --role ROOT', '--role: expected one of VIEWER, OPERATOR, SUPERVISOR, ADMIN; got ROOT'],
    ['keys create --name a --role ADMIN --expires-in soon', '--expires-in: expected a time such as 90m, 12h or 30d'],
    ['keys create --agent-jwt --domain acme', 'expected --hostname; got none'],
    ['keys create --agent-jwt --hostname a', 'expected --domain; got none'],
    [
      'keys create --agent-jwt --hostname a --domain b --role ADMIN',
      '--role: expected SUPERVISOR of an agent; got ADMIN',
    ],
    ['keys list --loud', '--loud'],
  ])('%s', (line, message) => {
    expect(() => read(line)).toThrow(message);
  });
});
