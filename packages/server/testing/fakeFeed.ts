import { Effort, type Feed, openViewer, type Sequenced } from '@muster/core';

/** A feed of all changes, whose start a test decides. */
export function createFakeFeed(own: Partial<Feed<Sequenced>> = {}): Feed<Sequenced> {
  return {
    viewer: openViewer,
    afterSeq: null,
    effort: new Effort(),
    concerns: () => true,
    meaningOf: ({ seq }) => [{ seq }],
    start: async () => ({ initialItems: nothing(), resumeSeq: 0, liveAfterSeq: () => 0 }),
    bookmark: (seq) => ({ seq }),
    ...own,
  };
}

/** No items. */
export async function* nothing(): AsyncGenerator<never, undefined> {}
