import type { ListPluginsInput, PluginStatsInput } from '../plugin/read.ts';
import type { PageInfoField } from '../query/pageInfo.ts';
import type { ListSupervisorsInput, SupervisorStatsInput } from '../supervisor/read.ts';
import type { ValueFormat } from './columnJson.ts';
import type { DerivedSql } from './derivedFields.ts';

/**
 * What of supervisors and plugins is wanted as JSON, in the order in which it is to be written. A `key` is what the
 * reader calls it, of letters, digits and underscores; `constant` is JSON as it is.
 */
export type Member =
  | { readonly key: string; readonly constant: string }
  | ({ readonly key: string } & Column)
  | { readonly key: string; readonly derived: DerivedSql }
  /** A plugin's supervisor. */
  | { readonly key: string; readonly supervisor: readonly Member[] }
  /** A page of a supervisor's plugins: of those that the viewer may see. */
  | { readonly key: string; readonly plugins: WantedPage<NestedPluginsInput> };

export type NestedPluginsInput = Omit<ListPluginsInput, 'domainId' | 'keyword'>;

/** A column of the row, and how its values are written. */
export interface Column extends ValueFormat {
  readonly column: string;
}

export interface WantedPage<Input> {
  readonly input: Input;
  readonly parts: readonly PagePart[];
}

export type PagePart =
  | { readonly key: string; readonly constant: string }
  | { readonly key: string; readonly count: true }
  | { readonly key: string; readonly nodes: readonly Member[] }
  | { readonly key: string; readonly edges: readonly EdgePart[] }
  | { readonly key: string; readonly pageInfo: readonly InfoPart[] };

export type EdgePart =
  | { readonly key: string; readonly constant: string }
  | { readonly key: string; readonly cursor: true }
  | { readonly key: string; readonly node: readonly Member[] };

export type InfoPart =
  | { readonly key: string; readonly constant: string }
  | { readonly key: string; readonly info: PageInfoField };

/** What is wanted of each group of a statistic; `group` is what was grouped by, null where it wasn't. */
export type StatPart =
  | { readonly key: string; readonly constant: string }
  | { readonly key: string; readonly count: true }
  | { readonly key: string; readonly group: string };

export interface WantedStats<Input> {
  readonly input: Input;
  readonly parts: readonly StatPart[];
}

/** What is wanted in all. */
export type Read =
  | { readonly key: string; readonly constant: string }
  | { readonly key: string; readonly supervisor: { readonly id: string; readonly members: readonly Member[] } }
  | { readonly key: string; readonly plugin: { readonly id: string; readonly members: readonly Member[] } }
  | { readonly key: string; readonly supervisors: WantedPage<ListSupervisorsInput> }
  | { readonly key: string; readonly plugins: WantedPage<ListPluginsInput> }
  | { readonly key: string; readonly supervisorStats: WantedStats<SupervisorStatsInput> }
  | { readonly key: string; readonly pluginStats: WantedStats<PluginStatsInput> };
