import { expect, it } from 'vitest';
import { eventData } from './eventStream.ts';

it('reads events however their bytes are cut, and passes over comments and what has no data', async () => {
  const bytes = new TextEncoder().encode(
    ':\n\nevent: next\ndata: {"a":"ä"}\n\nevent: complete\ndata:\n\ndata: 2\r\n\r\n',
  );
  const seen: string[] = [];
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  for await (const data of eventData(body)) seen.push(data);
  expect(seen).toEqual(['{"a":"ä"}', '2']);
});
