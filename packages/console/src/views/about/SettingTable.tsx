import type { AboutServerQuery } from '../../generated/operations.ts';
import { type Column, Table } from '../../ui/Table.tsx';

type Setting = NonNullable<AboutServerQuery['server']>['settings'][number];

const columns: readonly Column<Setting>[] = [
  {
    name: 'name',
    title: 'Setting',
    cell: ({ name, description }) => (
      <span class="name-cell">
        <code>{name}</code>
        <span class="sub">{inPlainText(description)}</span>
      </span>
    ),
    grows: true,
  },
  { name: 'value', title: 'Value', cell: ({ value }) => value.toLocaleString('en'), isNumeric: true },
];

/** The bounds, intervals and shares that a server holds its clients to. */
export const SettingTable = ({ settings }: { readonly settings: readonly Setting[] }) => (
  <Table caption="Settings in force" columns={columns} rows={settings} idOf={({ name }) => name} />
);

/** Descriptions mark names as Markdown does. */
const inPlainText = (text: string) => text.replaceAll('`', '');
