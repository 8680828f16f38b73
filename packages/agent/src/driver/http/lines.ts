import { StringDecoder } from 'node:string_decoder';

/** The lines of a text that comes in parts, with the last one even if it doesn't end. */
export async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const complete = (rest + decoder.write(chunk)).split('\n');
    rest = complete.pop() ?? '';
    yield* complete;
  }
  if (rest !== '') yield rest;
}
