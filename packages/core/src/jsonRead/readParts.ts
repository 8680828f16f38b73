import type { ListPluginsInput, PluginStatsInput } from '../plugin/read.ts';
import type { PageInfoField } from '../query/pageInfo.ts';
import type { ListSupervisorsInput, SupervisorStatsInput } from '../supervisor/read.ts';
import type { ValueFormat } from './columnJson.ts';
import type { DerivedSql } from './derivedFields.ts';

/**
 * A member of the JSON object of a supervisor or a plugin; members are written in the order given. `key` is the reader's
 * name for the member, of letters, digits and underscores; `constant` is JSON as it is.
 */
export type Member =
  | { readonly key: string; readonly constant: string }
  | ({ readonly key: string } & Column)
  | { readonly key: string; readonly derived: DerivedSql }
  /** A plugin's supervisor. */
  | { readonly key: string; readonly supervisor: readonly Member[] }
  /** A page of a supervisor's plugins, among those that the viewer may see. */
  | { readonly key: string; readonly plugins: PageRead<NestedPluginsInput> };

/** The page that is asked of a supervisor's plugins. */
export type NestedPluginsInput = Omit<ListPluginsInput, 'domainId' | 'keyword'>;

/** A column of the row, and how its values are written. */
export interface Column extends ValueFormat {
  readonly column: string;
}

interface PageRead<Input> {
  readonly input: Input;
  readonly parts: readonly PagePart[];
}

/** A member of a page. */
export type PagePart =
  | { readonly key: string; readonly constant: string }
  | { readonly key: string; readonly count: true }
  | { readonly key: string; readonly nodes: readonly Member[] }
  | { readonly key: string; readonly edges: readonly EdgePart[] }
  | { readonly key: string; readonly pageInfo: readonly InfoPart[] };

/** A member of an edge of a page. */
export type EdgePart =
  | { readonly key: string; readonly constant: string }
  | { readonly key: string; readonly cursor: true }
  | { readonly key: string; readonly node: readonly Member[] };

/** A member of a page's info. */
export type InfoPart =
  | { readonly key: string; readonly constant: string }
  | { readonly key: string; readonly info: PageInfoField };

/** A member of a group of a statistic; `group` is the key, null where there was no grouping by it. */
export type StatPart =
  | { readonly key: string; readonly constant: string }
  | { readonly key: string; readonly count: true }
  | { readonly key: string; readonly group: string };

interface StatsRead<Input> {
  readonly input: Input;
  readonly parts: readonly StatPart[];
}

/** One read of many that are answered together. */
export type Read =
  | { readonly key: string; readonly constant: string }
  /** JSON as it is, which differs from request to request. */
  | { readonly key: string; readonly text: string }
  | { readonly key: string; readonly supervisor: { readonly id: string; readonly members: readonly Member[] } }
  | { readonly key: string; readonly plugin: { readonly id: string; readonly members: readonly Member[] } }
  | { readonly key: string; readonly supervisors: PageRead<ListSupervisorsInput> }
  | { readonly key: string; readonly plugins: PageRead<ListPluginsInput> }
  | { readonly key: string; readonly supervisorStats: StatsRead<SupervisorStatsInput> }
  | { readonly key: string; readonly pluginStats: StatsRead<PluginStatsInput> };
