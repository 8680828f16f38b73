import { describe, test } from 'vitest';
import { expectNoStart } from '../testing/process.ts';

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
