import { computed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import type { Entity } from '../data/entities.ts';
import type { LiveList } from '../data/liveList.ts';
import { Failure, Loading } from './Feedback.tsx';
import type { Selection } from './selection.ts';
import { type Column, TableFrame, TableRow, type TableSort } from './Table.tsx';

interface LiveTableProps<Row> {
  readonly caption: string;
  readonly list: LiveList;
  readonly columns: readonly Column<Row>[];
  readonly sort?: TableSort;
  readonly selection?: Selection | undefined;
  /** Shown where no row matches. */
  readonly empty: ComponentChildren;
}

/** The rows of a list, each of which draws itself anew when it changes. */
export function LiveTable<Row extends Entity>({ list, empty, ...rest }: LiveTableProps<Row>) {
  const state = list.state.value;
  if (state.kind === 'loading') return <Loading lines={8} />;
  if (state.kind === 'error') return <Failure error={state.error} onRetry={list.refresh} />;
  if (state.ids.length === 0) return <>{empty}</>;
  return <Rows ids={state.ids} list={list} {...rest} />;
}

interface RowsProps<Row> extends Omit<LiveTableProps<Row>, 'empty'> {
  readonly ids: readonly string[];
}

function Rows<Row extends Entity>({ ids, list, selection, columns, ...rest }: RowsProps<Row>) {
  const chosen = selection?.ids.value;
  const choice = selection && {
    isWhole: ids.every((id) => chosen?.has(id)),
    isSome: ids.some((id) => chosen?.has(id)),
    onToggleAll: () => selection.toggleShown(ids),
  };
  return (
    <TableFrame columns={columns} choice={choice} isBusy={list.isReading.value} {...rest}>
      {ids.map((id) => (
        <LiveRow
          key={id}
          id={id}
          ids={ids}
          list={list}
          columns={columns as unknown as readonly Column<Entity>[]}
          selection={selection}
        />
      ))}
    </TableFrame>
  );
}

interface LiveRowProps {
  readonly id: string;
  readonly ids: readonly string[];
  readonly list: LiveList;
  readonly columns: readonly Column<Entity>[];
  readonly selection: Selection | undefined;
}

function LiveRow({ id, ids, list, columns, selection }: LiveRowProps) {
  const { entities } = useServices();
  // The news come with each frame of events: only those of this row draw it anew.
  const isGone = useMemo(() => computed(() => list.news.value.gone.has(id)), [list, id]).value;
  const row = entities.get(id)?.value;
  if (row === undefined) return null;
  const choice = selection && {
    isChosen: selection.ids.value.has(id),
    onToggle: (extends_: boolean) => selection.toggle(id, ids, extends_),
  };
  return <TableRow row={row} columns={columns} choice={choice} isGone={isGone} />;
}
