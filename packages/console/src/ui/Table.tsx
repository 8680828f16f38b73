import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Sorting } from '../url/query.ts';
import { Icon } from './Icon.tsx';

/** A column of a table. */
export interface Column<Row> {
  readonly name: string;
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Whether the server sorts by it. */
  readonly isSortable?: boolean;
  readonly isNumeric?: boolean;
  /** From which width of the window on it is shown. Default: always. */
  readonly from?: 'tablet' | 'desktop' | 'wide';
  /** Takes the place that the others leave. */
  readonly grows?: boolean;
  /** Its texts take as many lines as they need. Default: one, and what has no room is cut off. */
  readonly wraps?: boolean;
}

/** How a table is sorted, and who changes that. */
export interface TableSort {
  readonly sorting: Sorting<string>;
  readonly onSort: (sorting: Sorting<string>) => void;
}

/** The choice of rows: the box in the head, and that of each row. */
interface RowChoice {
  readonly isWhole: boolean;
  readonly isSome: boolean;
  readonly onToggleAll: () => void;
}

interface TableFrameProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly sort?: TableSort | undefined;
  readonly choice?: RowChoice | undefined;
  readonly isBusy?: boolean;
  /** The rows. */
  readonly children: ComponentChildren;
}

/** A real table (K11): a caption, column heads that say how it is sorted, and whatever rows there are. */
export function TableFrame<Row>({ caption, columns, sort, choice, isBusy = false, children }: TableFrameProps<Row>) {
  return (
    <div class="table-wrap">
      <table aria-busy={isBusy}>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {choice && (
              <td class="choice">
                <input
                  type="checkbox"
                  aria-label="Choose all rows on this page"
                  checked={choice.isWhole}
                  ref={(box) => {
                    if (box) box.indeterminate = choice.isSome && !choice.isWhole;
                  }}
                  onChange={choice.onToggleAll}
                />
              </td>
            )}
            {columns.map((column) => (
              <ColumnHead key={column.name} column={column} sort={sort} />
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function ColumnHead<Row>({ column, sort }: { readonly column: Column<Row>; readonly sort: TableSort | undefined }) {
  const { name, title, isSortable } = column;
  if (!isSortable || !sort) {
    return (
      <th scope="col" class={classOf(column)}>
        {title}
      </th>
    );
  }
  const isSorted = sort.sorting.column === name;
  const { descends } = sort.sorting;
  return (
    <th scope="col" class={classOf(column)} aria-sort={isSorted ? (descends ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        class="sort"
        onClick={() => sort.onSort({ column: name, descends: isSorted ? !descends : false })}
      >
        {title}
        <Icon of={isSorted ? (descends ? ArrowDown : ArrowUp) : ChevronsUpDown} size={13} />
      </button>
    </th>
  );
}

const classOf = <Row,>({ isNumeric, from, grows, wraps }: Column<Row>) =>
  [isNumeric && 'numeric', from && `from-${from}`, grows && 'grows', wraps && 'wraps'].filter(Boolean).join(' ') ||
  undefined;

interface RowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  /** The box that chooses the row, if rows can be chosen. */
  readonly choice?: { readonly isChosen: boolean; readonly onToggle: (extends_: boolean) => void } | undefined;
  /** The row is not of the list any more (K4). */
  readonly isGone?: boolean;
}

/** A row; its first cell names it. */
export function TableRow<Row>({ row, columns, choice, isGone = false }: RowProps<Row>) {
  const headId = useId();
  return (
    <tr class={isGone ? 'gone' : undefined} aria-selected={choice?.isChosen}>
      {choice && (
        <td class="choice">
          <input
            type="checkbox"
            aria-label="Choose"
            aria-describedby={headId}
            checked={choice.isChosen}
            // A click knows of the Shift key, a change doesn't.
            onClick={(event) => choice.onToggle(event.shiftKey)}
          />
        </td>
      )}
      {columns.map((column, index) =>
        index === 0 ? (
          <th key={column.name} id={headId} scope="row" class={classOf(column)}>
            {column.cell(row)}
          </th>
        ) : (
          <td key={column.name} class={classOf(column)}>
            {column.cell(row)}
          </td>
        ),
      )}
    </tr>
  );
}

interface TableProps<Row> extends Omit<TableFrameProps<Row>, 'children' | 'choice'> {
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
}

/** A table of rows that were read once. */
export function Table<Row>({ rows, idOf, ...frame }: TableProps<Row>) {
  return (
    <TableFrame {...frame}>
      {rows.map((row) => (
        <TableRow key={idOf(row)} row={row} columns={frame.columns} />
      ))}
    </TableFrame>
  );
}
