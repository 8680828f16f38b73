import { lines } from './lines.ts';

/** The JSON values of a stream that has one a line. @throws SyntaxError at a line that is none */
export async function* jsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown, void> {
  for await (const line of lines(chunks)) if (line.trim() !== '') yield JSON.parse(line);
}
