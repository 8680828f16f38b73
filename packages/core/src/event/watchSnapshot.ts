import type { Scope } from '../access/policy.ts';
import type { JsonRow } from '../base/rows.ts';
import type { CoreInternals } from '../core.ts';
import type { Condition } from '../query/condition.ts';
import type { Change, RowChange } from './change.ts';
import type { Effort } from './effort.ts';
import { type LogPlace, placeAt } from './epochs.ts';
import type { Feed, FeedStart } from './feed.ts';
import { itemsBetween, joinLive } from './resume.ts';
import { readSnapshotPage } from './snapshotPage.ts';
import type { WatchEvent } from './watchEvent.ts';

/** The kinds of rows that can be watched. */
export type WatchedEntity = RowChange['entity'];

/** The fields that a watch needs of a row. */
export interface WatchedRow {
  id: string;
  domainId: string;
}

/** The rows that a snapshot reads, and the meaning of changes to the same watch. */
export interface SnapshotOptions<Row extends WatchedRow> {
  readonly entity: WatchedEntity;
  readonly scope: Scope;
  readonly where: Condition;
  readonly model: (row: JsonRow) => Row;
  readonly meaningOf: Feed<WatchEvent<Row>>['meaningOf'];
  readonly effort: Effort;
}

/** A page of a snapshot: the last id that falls into it, null on the last page, and the log's head at that moment. */
interface SnapshotPage {
  readonly upTo: string | null;
  readonly head: LogPlace;
}

/**
 * Starts a watch with a snapshot. The snapshot is read in pages by id, each as of the log's head at that moment. A
 * change between the first page and the last is sent before SYNCED if it came after the page that the row's id falls
 * into: an earlier one is in that page already. So at SYNCED the list is as it was at one moment, and SYNCED's cursor
 * names that moment: a watcher that resumes there misses nothing and gets nothing twice (E3).
 */
export function startWithSnapshot<Row extends WatchedRow>(
  core: CoreInternals,
  { entity, scope, where, model, meaningOf, effort }: SnapshotOptions<Row>,
): FeedStart<WatchEvent<Row>> {
  let until: LogPlace = { epoch: '', seq: 0 };

  async function* read(): AsyncGenerator<WatchEvent<Row>, undefined> {
    const pages: SnapshotPage[] = [];
    const fromSeq = core.hub.tail.position;
    for (let after: string | null = null; ; ) {
      const page = await readSnapshotPage(core.db.sql, entity, scope, where, after);
      const last: string | null = page.complete ? null : page.lastId;
      until = placeAt(page.log, page.log.headSeq);
      pages.push({ upTo: last, head: until });
      const { seq } = firstHead(pages, until);
      for (const row of page.rows.map(model)) {
        yield { type: 'ADDED', seq, partial: true, domainId: row.domainId, id: row.id, row };
      }
      if (last === null) break;
      after = last;
    }
    for (const { head } of pages) await joinLive(core, head, fromSeq);
    const isNew = ({ id }: WatchEvent<Row>, change: Change) => {
      const page = pages.find(({ upTo }) => upTo === null || (id !== null && id <= upTo));
      return change.seq > (page?.head.seq ?? until.seq);
    };
    const meanwhile = itemsBetween(core, { after: firstHead(pages, until), until, meaningOf, effort, isNew });
    for await (const item of meanwhile) yield { ...item, partial: true };
    yield { type: 'SYNCED', seq: until.seq, domainId: null, id: null, row: null };
  }

  return { initialItems: read(), resumeSeq: null, liveAfterSeq: () => until.seq };
}

function firstHead(pages: readonly SnapshotPage[], otherwise: LogPlace): LogPlace {
  return pages[0]?.head ?? otherwise;
}
