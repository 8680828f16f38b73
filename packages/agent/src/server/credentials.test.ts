import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stateFolder } from '../../testing/startAgent.ts';
import { parseConfig } from '../config/readConfig.ts';
import { openCredentials } from './credentials.ts';

let folder: ReturnType<typeof stateFolder>;
beforeEach(() => {
  folder = stateFolder();
});
afterEach(() => folder.remove());

function open(files: { tokenFile?: string; enrollmentKeyFile?: string }) {
  const named = Object.entries(files).map(([name, text]) => {
    const file = join(folder.path, name);
    writeFileSync(file, text);
    return `, ${name}: ${file}`;
  });
  const url = 'http://127.0.0.1/graphql';
  const yaml = `server: { url: ${url}${named.join('')} }\nstateFolder: ${folder.path}\ndriver: docker`;
  return openCredentials(parseConfig(yaml));
}

describe("an agent's credential (A7)", () => {
  it('is none for a server that runs open', () => {
    expect(open({}).token()).toBeUndefined();
  });

  it('is the enrollment key until its own has come, which it keeps for itself', async () => {
    const credentials = open({ enrollmentKeyFile: 'enrolls\n' });
    expect([credentials.token(), credentials.isEnrolling()]).toEqual(['enrolls', true]);
    await credentials.keep('own');
    expect([credentials.token(), credentials.isEnrolling()]).toEqual(['own', false]);
    expect(readFileSync(join(folder.path, 'key'), 'utf8')).toBe('own\n');
    expect(statSync(join(folder.path, 'key')).mode & 0o777).toBe(0o600);
    expect(open({ enrollmentKeyFile: 'enrolls\n' }).token()).toBe('own');
  });

  it('is that of tokenFile before all, and another text in it counts at once', async () => {
    const credentials = open({ tokenFile: 'first\n' });
    await credentials.keep('own');
    expect(credentials.token()).toBe('first');
    writeFileSync(join(folder.path, 'tokenFile'), 'second\n');
    expect(credentials.token()).toBe('second');
    writeFileSync(join(folder.path, 'tokenFile'), '');
    expect(credentials.token()).toBe('second');
  });

  it('that can not be written is used all the same, and written once it can be', async () => {
    const credentials = open({ enrollmentKeyFile: 'enrolls\n' });
    // The disk takes no file of the name.
    mkdirSync(join(folder.path, 'key.new'));
    await expect(credentials.keep('own')).rejects.toThrow('EISDIR');
    expect(credentials.token()).toBe('own');
    rmdirSync(join(folder.path, 'key.new'));
    await credentials.keepAgain();
    expect(open({ enrollmentKeyFile: 'enrolls\n' }).token()).toBe('own');
  });

  it('of a file that is not there is refused at the start', () => {
    const yaml = `server: { url: http://a/graphql, tokenFile: /nowhere/token }\nstateFolder: ${folder.path}\ndriver: docker`;
    expect(() => openCredentials(parseConfig(yaml))).toThrow('server.tokenFile: expected a file that can be read');
  });
});
