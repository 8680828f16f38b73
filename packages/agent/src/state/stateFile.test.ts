import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wish } from '../../testing/supervise.ts';
import { openStateFile } from './stateFile.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-agent-state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the state file (G13)', () => {
  it('has what was there before a restart, with an owner that stays', async () => {
    const first = await openStateFile(join(folder, 'new'), undefined);
    expect(first.state).toMatchObject({ owner: expect.stringMatching(/^agent-[0-9a-f]{12}$/), wishes: null });
    await first.update({ wishes: [wish('a', { generation: 3 })] });
    const second = await openStateFile(join(folder, 'new'), undefined);
    expect(second.state).toEqual(first.state);
    expect(second.state.hashKey).toHaveLength(44);
    expect((await openStateFile(join(folder, 'new'), 'mine')).state.owner).toBe('mine');
  });

  it('of an agent that had no key for hashes yet gets one, which stays', async () => {
    const before = { format: 1, owner: 'agent-1', wishes: [], records: {}, images: {} };
    writeFileSync(join(folder, 'state.json'), JSON.stringify(before));
    const { state } = await openStateFile(folder, undefined);
    expect(state).toMatchObject({ ...before, hashKey: expect.any(String) });
    expect((await openStateFile(folder, undefined)).state.hashKey).toBe(state.hashKey);
  });

  it('lies on the disk once an update resolves, whole, and for the agent alone', async () => {
    const file = await openStateFile(folder, 'agent-1');
    await Promise.all([
      file.update({ wishes: [] }),
      file.update({ images: { a: 1 } }),
      file.update({ images: { a: 1, b: 2 } }),
    ]);
    expect(JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))).toMatchObject({
      wishes: [],
      images: { a: 1, b: 2 },
    });
    expect(statSync(join(folder, 'state.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('of another writer is refused, and not replaced', async () => {
    writeFileSync(join(folder, 'state.json'), '{"format": 2}');
    await expect(openStateFile(folder, undefined)).rejects.toThrow('expected');
    expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe('{"format": 2}');
  });

  it('an update that can not be written rejects, and a later one has it', async () => {
    const file = await openStateFile(folder, 'agent-1');
    // A folder in its place can't be opened for writing, not by root either.
    const beside = join(folder, 'state.json.new');
    mkdirSync(beside);
    await expect(file.update({ wishes: [wish('a')] })).rejects.toThrow();
    rmSync(beside, { recursive: true });
    await file.update({ images: { a: 1 } });
    expect((await openStateFile(folder, undefined)).state.wishes).toHaveLength(1);
  });
});
