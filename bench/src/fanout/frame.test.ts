import { describe, expect, it } from 'vitest';
import { textFrame } from './frame.ts';

describe('a text frame', () => {
  it('begins with the length of its payload, in two bytes more where one is too small', () => {
    expect([...textFrame(Buffer.from('hi'))]).toEqual([0x81, 2, 0x68, 0x69]);
    const long = textFrame(Buffer.alloc(300));
    expect([...long.subarray(0, 4)]).toEqual([0x81, 126, 1, 44]);
    expect(long).toHaveLength(304);
  });
});
