import { expect, test } from 'vitest';
import { openDatabase } from './open.ts';
import { DatabaseSetupError } from './setup/setupError.ts';

test.each([
  [
    'mysql://user:secret@host/db',
    'DATABASE_URL: expected a URL that begins with postgresql://, got one that begins with "mysql"',
  ],
  ['', 'DATABASE_URL: expected a URL that begins with postgresql://, got one that begins with ""'],
  ['host:5432/db', 'DATABASE_URL: expected a URL that begins with postgresql://, got one that begins with "host"'],
  [
    'postgresql://user:secret@host:99999/db',
    'DATABASE_URL: expected postgresql://user:password@host:port/database, got a malformed URL',
  ],
  ['postgres://[::/db', 'DATABASE_URL: expected postgresql://user:password@host:port/database, got a malformed URL'],
])('a URL that is none of PostgreSQL’s is refused without telling the secret in it: %s', async (url, message) => {
  const opening = openDatabase({ url });
  await expect(opening).rejects.toThrow(DatabaseSetupError);
  await expect(opening).rejects.toThrow(message);
});
