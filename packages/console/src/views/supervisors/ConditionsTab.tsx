import { ShieldCheck } from 'lucide';
import type { SupervisorRowFragment } from '../../generated/operations.ts';
import { Empty } from '../../ui/Feedback.tsx';
import { wordOf } from '../../ui/states.ts';
import { type Column, Table } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';

type Condition = SupervisorRowFragment['conditions'][number];

/** Lasting problems of a supervisor. */
export function ConditionsTab({ conditions }: { readonly conditions: readonly Condition[] }) {
  if (conditions.length === 0) {
    return (
      <Empty title="No conditions" icon={ShieldCheck}>
        Nothing lasting is wrong with it.
      </Empty>
    );
  }
  return <Table caption="Conditions" columns={columns} rows={conditions} idOf={({ type }) => type} />;
}

const columns: readonly Column<Condition>[] = [
  { name: 'type', title: 'Condition', cell: ({ type }) => <strong>{wordOf(type)}</strong> },
  {
    name: 'message',
    title: 'Message',
    grows: true,
    wraps: true,
    cell: ({ message, count, lastAddress, lastAt }) => (
      <span class="name-cell">
        {message}
        {count !== null && (
          <span class="sub">
            {count} times, the last from {lastAddress ?? 'an unknown address'} <Time at={lastAt} />
          </span>
        )}
      </span>
    ),
  },
  { name: 'since', title: 'Since', cell: ({ since }) => <Time at={since} /> },
];
