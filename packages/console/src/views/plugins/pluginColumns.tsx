import type { PluginRowFragment } from '../../generated/operations.ts';
import { Link } from '../../ui/Link.tsx';
import { NameCell } from '../../ui/NameCell.tsx';
import type { Column } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import { PluginBadges } from './PluginBadges.tsx';

type PluginColumn = Column<PluginRowFragment>;

const name: PluginColumn = {
  name: 'plugin',
  title: 'Plugin',
  isSortable: true,
  grows: true,
  cell: ({ id, pluginId, message, reason, state }) => (
    <NameCell to={`/plugins/${id}`} name={pluginId} sub={state === 'ACTIVE' ? '' : message || reason} />
  ),
};

const version: PluginColumn = {
  name: 'version',
  title: 'Version',
  isSortable: true,
  from: 'tablet',
  cell: (row) => <span class="mono">{row.version}</span>,
};

const supervisor: PluginColumn = {
  name: 'supervisor',
  title: 'Supervisor',
  from: 'tablet',
  cell: ({ supervisorId, supervisorName }) => (
    <Link to={`/supervisors/${supervisorId}`} title={supervisorName}>
      {supervisorName}
    </Link>
  ),
};

const state: PluginColumn = {
  name: 'state',
  title: 'State',
  isSortable: true,
  cell: (row) => <PluginBadges row={row} />,
};

const attempt: PluginColumn = {
  name: 'attempt',
  title: 'Attempt',
  isNumeric: true,
  from: 'wide',
  cell: (row) => row.attempt,
};

const changed: PluginColumn = {
  name: 'changed',
  title: 'In this state',
  isSortable: true,
  from: 'desktop',
  cell: ({ stateChangedAt }) => <Time at={stateChangedAt} />,
};

/** The columns of a list of plugins. */
export const pluginColumns: readonly PluginColumn[] = [name, version, state, supervisor, attempt, changed];

/** The columns of the plugins of one supervisor. */
export const pluginColumnsOfSupervisor: readonly PluginColumn[] = [name, version, state, attempt, changed];
