import type { Viewer } from '@muster/core';
import { changeCost } from '../../limits/operationCost.ts';
import type { MessageJson } from '../proto/messageJson.ts';
import { agentOf } from './agentOf.ts';

/** The cost of a method that reads one row, or reports it: about the fields of its answer. */
const oneRow = 20;
/** The cost of an agent's own list. */
const ownList = 200;
/** The cost of a row of a list: measured, of reading it and of making its message. */
const rowOfList = 25;
/** The rows that a list without a limit may have, and those of one supervisor's plugins. */
const rowsWithoutLimit = 1_000;
const rowsOfSupervisor = 100;
/** The cost of one condition on each row of a table, as in GraphQL (docs/limits.md). */
const tableScan = 1_000;
/** The cost of statistics, and of each of their stages. */
const statistics = 20_000;
const stage = 5_000;
/** How much a search for a part of a text counts, and a regular expression. */
const textSearch = 3;
const pattern = 10;
/** How many of a condition's values count as much as the condition. */
const valuesPerCondition = 100;
/** How many fields a word of a keyword is looked for in; further words than these are ignored. */
const keywordFields = 3;
const keywordWords = 20;

/** The cost of a request, of which nothing is checked yet. */
export type MethodCost = (request: MessageJson, viewer: Viewer) => number;

/** Of a method about one row. */
export const costOfRow: MethodCost = () => oneRow;

/** Of a method that changes a row. */
export const costOfChange: MethodCost = () => changeCost;

/** Of a list: its rows, their count, and the conditions that rows are held against. */
export const costOfList: MethodCost = (request) => listCost(request, rowsWithoutLimit);

function listCost(request: MessageJson, withoutLimit: number): number {
  const query = objectOf(request.query);
  const { limit } = objectOf(query.page);
  const page = typeof limit === 'number' && limit > 0 ? Math.min(limit, rowsWithoutLimit) : withoutLimit;
  const rows = query.count_only === true ? 0 : page;
  const order = query.sort === undefined ? 0 : 1;
  return Math.ceil(rows * rowOfList + tableScan * (1 + order + conditionsOf(request, query)));
}

/** Of a list of plugins, by which agents fetch their own. */
export const costOfPlugins: MethodCost = (request, viewer) => {
  if (agentOf(viewer, request)) return ownList;
  const isOfOne = request.supervisor_id !== undefined || request.hostname !== undefined;
  return listCost(request, isOfOne ? rowsOfSupervisor : rowsWithoutLimit);
};

/** Of statistics. */
export const costOfStatistics: MethodCost = (request) => {
  const query = objectOf(request.query);
  const stages = Array.isArray(query.aggregate) ? query.aggregate.length : 1;
  return Math.ceil(statistics + stages * stage + tableScan * conditionsOf(request, query));
};

function conditionsOf({ query: _, ...fields }: MessageJson, query: Readonly<Record<string, unknown>>): number {
  const ofFields = Object.values(fields).filter((value) => value !== undefined).length;
  const stages = (Array.isArray(query.aggregate) ? query.aggregate : []).map((stage) => objectOf(stage).unwind);
  const unwinds = [query.unwind, ...stages].map((unwind) => objectOf(unwind).filter);
  const lists = [query.filter, query.filter_or, ...unwinds].map((list) => (Array.isArray(list) ? list : []));
  const ofLists = lists.flat().reduce<number>((sum, condition) => sum + weightOf(objectOf(condition)), 0);
  const words = typeof query.keyword === 'string' ? query.keyword.trim().split(/\s+/, keywordWords).length : 0;
  return ofFields + ofLists + words * keywordFields * textSearch;
}

function weightOf({ v, value = v, o, operator = o }: Readonly<Record<string, unknown>>): number {
  const values = Array.isArray(value) ? value.length : 1;
  const name = String(operator);
  if (name.startsWith('regex')) return pattern * values;
  if (name.includes('contain')) return textSearch * values;
  return 1 + values / valuesPerCondition;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
