import { expect, it } from 'vitest';
import { lines } from '../http/lines.ts';
import { logText } from './logFrames.ts';

it('reads the lines of a log however its bytes are cut', async () => {
  const frame = (stream: number, text: string) => {
    const bytes = Buffer.from(text);
    const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(bytes.length, 4);
    return Buffer.concat([head, bytes]);
  };
  const whole = Buffer.concat([frame(1, 'fi'), frame(1, 'rst\nsecond ä\n'), frame(2, ''), frame(2, 'third')]);
  for (const size of [1, 3, 7, whole.length]) {
    async function* cut() {
      for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
    }
    const seen: string[] = [];
    for await (const line of lines(logText(cut()))) seen.push(line);
    expect(seen).toEqual(['first', 'second ä', 'third']);
  }
});
