import { expect, test } from 'vitest';
import { pageInfoOf } from '../../testing/pageInfo.ts';
import { refusalOf } from '../../testing/refusal.ts';
import { defaultLimits } from '../base/settings.ts';
import type { PageArguments } from './keyset.ts';
import { sortedPage } from './sortedPage.ts';

const read = (page: PageArguments, items: readonly number[] = [30, 10, 50, 20, 40]) =>
  sortedPage(items, (item) => [item % 20, item], page, defaultLimits);
const nodes = (page: PageArguments) => read(page).edges.map(({ node }) => node);
const cursorOf = (item: number) => read({}, [item]).edges[0]?.cursor ?? '';

test('pages hold every item once, in the order of the keys, forward and backward', () => {
  expect(nodes({})).toEqual([20, 40, 10, 30, 50]);
  expect(nodes({ first: 2 })).toEqual([20, 40]);
  expect(nodes({ first: 2, after: cursorOf(40) })).toEqual([10, 30]);
  expect(nodes({ last: 2 })).toEqual([30, 50]);
  expect(nodes({ last: 2, before: cursorOf(30) })).toEqual([40, 10]);
});

test('flags are about items, also where the item of the cursor is gone', async () => {
  const flags = async (page: PageArguments, items?: number[]) => {
    const { hasPreviousPage, hasNextPage } = await pageInfoOf(read(page, items));
    return [hasPreviousPage, hasNextPage];
  };
  expect(await flags({ first: 0 })).toEqual([false, true]);
  expect(await flags({ last: 0 })).toEqual([true, false]);
  expect(await flags({ first: 2, after: cursorOf(20) })).toEqual([true, true]);
  expect(await flags({ first: 2, after: cursorOf(20) }, [40, 10])).toEqual([false, false]);
  expect(await flags({ last: 1, before: cursorOf(50) }, [40, 10])).toEqual([true, false]);
});

test.each(['', 'none', Buffer.from('{}').toString('base64url')])('%j is no cursor', async (after) => {
  expect(await refusalOf(() => read({ after }))).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { path: ['after'] },
  });
});
