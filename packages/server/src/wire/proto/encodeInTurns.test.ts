import { StructSchema } from '@bufbuild/protobuf/wkt';
import { propertyRuns } from '@muster/db/testing/propertyRuns';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { supervisorService } from '../methods/methods.ts';
import { decode, encode } from './codec.ts';
import { encodeInTurns } from './encodeInTurns.ts';
import { loadProtocol } from './protocol.ts';

const service = loadProtocol().service(supervisorService.name);
const list = service.method.list?.output ?? StructSchema;
const atOnce = () => undefined;

const supervisor = fc.record({
  supervisor_id: fc.string(),
  is_public: fc.boolean(),
  labels: fc.dictionary(fc.string(), fc.jsonValue()),
});

test('W3: a list that is encoded part by part is the message that it is in one go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(supervisor), fc.nat(1_000), async (results, total) => {
      const message = { results, total_count: total };
      expect(await encodeInTurns(list, message, atOnce)).toEqual(encode(list, message));
    }),
  );
});

test('W3: so are statistics, however their values nest', async () => {
  const large = fc.array(fc.array(fc.jsonValue({ maxDepth: 2 }), { minLength: 100, maxLength: 200 }), {
    maxLength: 10,
  });
  const results = fc.array(fc.oneof(fc.jsonValue(), large, fc.record({ nested: large })));
  await fc.assert(
    fc.asyncProperty(results, async (each) => {
      const message = { results: each, total_count: 7 };
      const encoded = await encodeInTurns(StructSchema, message, atOnce);
      expect(decode(StructSchema, encoded)).toEqual(decode(StructSchema, encode(StructSchema, message)));
    }),
    { numRuns: propertyRuns(10) },
  );
});

test.each([
  ['the rows of a list', list, { results: Array.from({ length: 50 }, () => ({ supervisor_id: 'a' })) }],
  ['the rows of statistics', StructSchema, { results: Array.from({ length: 600 }, () => ({ a: 1 })) }],
  ['one large row', StructSchema, { results: [{ pushed: Array.from({ length: 5_000 }, () => ({ a: 1 })) }] }],
])('W3: between %s other work has its turn', async (_, desc, message) => {
  let turns = 0;
  await encodeInTurns(desc, message, async () => {
    turns += 1;
  });
  expect(turns).toBeGreaterThanOrEqual(50);
});
