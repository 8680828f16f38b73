import { describe, expect, it } from 'vitest';
import { nested, parseFields, text, whole } from './protobuf.ts';

describe('the encoding of messages', () => {
  it('is that of the protocol buffers specification', () => {
    expect(whole(1, 150).toString('hex')).toBe('089601');
    expect(text(2, 'testing').toString('hex')).toBe('120774657374696e67');
    expect(nested(3, whole(1, 150)).toString('hex')).toBe('1a03089601');
    expect(text(21, 'a').toString('hex')).toBe('aa010161');
  });

  it('is read again by field', () => {
    const message = Buffer.concat([text(1, 'a'), text(1, 'b'), whole(2, 1_000)]);
    expect(parseFields(message)).toEqual(
      new Map<number, unknown>([
        [1, [Buffer.from('a'), Buffer.from('b')]],
        [2, [1_000]],
      ]),
    );
  });
});
