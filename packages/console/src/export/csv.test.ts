import { expect, test } from 'vitest';
import { csvOf } from './csv.ts';

test('a table is exported with a line of fields, and whatever is in a cell stays in it', () => {
  const rows = [
    { __typename: 'Supervisor', id: 'a', name: 'say "hi", you', labels: { env: 'prod' }, priority: -1 },
    { __typename: 'Supervisor', id: 'b', name: '=1+1', labels: {}, priority: null },
  ];
  expect(csvOf(rows)).toBe(
    ['id,name,labels,priority', 'a,"say ""hi"", you","{""env"":""prod""}",-1', "b,'=1+1,{},", ''].join('\r\n'),
  );
});
