import {
  type Change,
  isRowChange,
  type PluginChange,
  type ReleaseChange,
  type RowChange,
  type SupervisorChange,
} from '../../event/change.ts';
import type { WantedEndpoint } from './endpoint.ts';

/** The fields of a plugin, beside its state, by which it is handed out or counts as wanted. */
const pluginFields = ['wanted', 'endpoint', 'endpoints'];
/** The fields of a supervisor, beside its state, by which its plugins are handed out or it takes one. */
const supervisorFields = ['labels', 'connected', 'isPublic', 'cordoned'];

/** M4: whether a change may help, or harm, those who wait for an endpoint, so that they look again. */
export function wakes(wanted: WantedEndpoint, change: Change): boolean {
  if (change.entity === 'release') return concernsRelease(wanted, change);
  if (!isRowChange(change)) return false;
  return change.entity === 'plugin' ? concernsPlugin(wanted, change) : concernsSupervisor(wanted, change);
}

/** C1: there may be a version to install. */
function concernsRelease({ domainId, pluginId }: WantedEndpoint, { kind, release }: ReleaseChange): boolean {
  if (kind !== 'RELEASE_PUBLISHED' || release.pluginId !== pluginId) return false;
  return release.isPublic || release.domainId === domainId;
}

function concernsPlugin({ domainId, pluginId, version }: WantedEndpoint, change: PluginChange): boolean {
  const { plugin } = change;
  if (plugin.domainId !== domainId || plugin.pluginId !== pluginId) return false;
  return (version === null || plugin.version === version) && changesAny(change, pluginFields);
}

function concernsSupervisor({ domainId, allowPublic }: WantedEndpoint, change: SupervisorChange): boolean {
  const { supervisor, previous } = change;
  const isOrWasPublic = supervisor.isPublic || previous?.isPublic === true;
  const mayTake = supervisor.domainId === domainId || (allowPublic && isOrWasPublic);
  return mayTake && changesAny(change, supervisorFields);
}

function changesAny({ from, to, previous }: RowChange, fields: readonly string[]): boolean {
  return from !== to || fields.some((field) => previous !== null && Object.hasOwn(previous, field));
}
