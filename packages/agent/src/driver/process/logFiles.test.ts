import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogOptions } from '../driver.ts';
import { createLogFiles, type LogFiles } from './logFiles.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-logs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Reads to the end. @param isWriting as of a process that ends when it is first asked, unless said */
async function read(
  logs: LogFiles,
  file: string,
  options: LogOptions,
  isWriting = () => Promise.resolve(false),
): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of logs.read(file, options, isWriting)) lines.push(line.slice(0, 12));
  return lines;
}

describe('the log of a process (G9)', () => {
  it('has its last lines, a last one that does not end among them', async () => {
    const file = join(folder, 'tail');
    await writeFile(file, 'one\ntwo\nthree');
    const logs = createLogFiles();
    expect(await read(logs, file, { tail: 2, follow: false })).toEqual(['two', 'three']);
    expect(await read(logs, file, { tail: 0, follow: false })).toEqual([]);
    expect(await read(logs, join(folder, 'absent'), { tail: 2, follow: false })).toEqual([]);
  });

  it('is followed to its end, also where a read ends within a character', async () => {
    const file = join(folder, 'followed');
    const text = Buffer.from('first\nwärmer\nlast');
    const middle = text.indexOf('ä') + 1;
    await writeFile(file, text.subarray(0, middle));
    const ends = async () => {
      await appendFile(file, text.subarray(middle));
      return false;
    };
    const lines = await read(createLogFiles(), file, { tail: 10, follow: true }, ends);
    expect(lines).toEqual(['first', 'wärmer', 'last']);
  });

  it('is followed over several moves between two reads', async () => {
    const file = join(folder, 'moved');
    const logs = createLogFiles();
    await writeFile(file, 'first\n');
    const ends = async () => {
      for (const name of ['second', 'third']) {
        await appendFile(file, `${name}${'.'.repeat(10 * 1024 * 1024)}\n`);
        await logs.rotate(file);
      }
      await appendFile(file, 'last\n');
      return false;
    };
    const lines = await read(logs, file, { tail: 10, follow: true }, ends);
    expect(lines).toEqual(['first', 'second......', 'third.......', 'last']);
    expect(await read(logs, file, { tail: 2, follow: false })).toEqual(['third.......', 'last']);
  });
});
