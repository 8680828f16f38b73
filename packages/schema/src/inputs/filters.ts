import { builder } from '../builder.ts';

/** The direction of an order. */
export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'The direction in which a list is ordered.',
  values: {
    ASC: { description: 'Ascending: smallest first, A to Z, oldest to newest.' },
    DESC: { description: 'Descending: greatest first, Z to A, newest to oldest.' },
  } as const,
});

/** Of every filter: how its parts go together. */
export const partsHold = 'All parts that are given must hold; a part that is null, absent or empty is no condition.';

/** Of every condition on a field: how its operators go together. */
export const operatorsHold =
  'All operators that are given must hold; an operator that is null or absent is no condition.';

/** A filter on text. */
export const StringFilter = builder.inputType('StringFilter', {
  description: `A condition on a text. ${operatorsHold} Text is compared byte by byte, unless \`insensitive\` is true.`,
  fields: (t) => ({
    eq: t.string({ description: 'The text equals this.' }),
    ne: t.string({ description: 'The text differs from this, or there is none.' }),
    in: t.stringList({ description: 'The text is one of these; at most 1,000.' }),
    notIn: t.stringList({ description: 'The text is none of these; at most 1,000.' }),
    contains: t.string({ description: 'The text contains this anywhere. No character is a wildcard.' }),
    startsWith: t.string({ description: 'The text starts with this.' }),
    endsWith: t.string({ description: 'The text ends with this.' }),
    insensitive: t.boolean({ description: 'Ignore upper and lower case in the other operators. Default: false.' }),
    isNull: t.boolean({ description: 'True matches a field without a value, false a field with a value.' }),
  }),
});

/** A filter on a flag. */
export const BooleanFilter = builder.inputType('BooleanFilter', {
  description: `A condition on a flag. ${operatorsHold}`,
  fields: (t) => ({
    eq: t.boolean({ description: 'The flag equals this.' }),
    ne: t.boolean({ description: 'The flag differs from this.' }),
  }),
});

/** A filter on a whole number. */
export const IntFilter = builder.inputType('IntFilter', {
  description: `A condition on a whole number. ${operatorsHold}`,
  fields: (t) => ({
    eq: t.int({ description: 'The number equals this.' }),
    ne: t.int({ description: 'The number differs from this.' }),
    in: t.intList({ description: 'The number is one of these; at most 1,000.' }),
    notIn: t.intList({ description: 'The number is none of these; at most 1,000.' }),
    lt: t.int({ description: 'The number is less than this.' }),
    lte: t.int({ description: 'The number is less than or equal to this.' }),
    gt: t.int({ description: 'The number is greater than this.' }),
    gte: t.int({ description: 'The number is greater than or equal to this.' }),
  }),
});

/** A filter on a time. */
export const DateTimeFilter = builder.inputType('DateTimeFilter', {
  description: `A condition on a time. ${operatorsHold} A field without a value meets none of them but \`isNull: true\`.`,
  fields: (t) => ({
    lt: t.field({ type: 'DateTime', description: 'The time is before this.' }),
    lte: t.field({ type: 'DateTime', description: 'The time is before or equal to this.' }),
    gt: t.field({ type: 'DateTime', description: 'The time is after this.' }),
    gte: t.field({ type: 'DateTime', description: 'The time is after or equal to this.' }),
    isNull: t.boolean({ description: 'True matches a field without a value, false a field with a value.' }),
  }),
});

/** A filter on the conditions of a supervisor. */
export const ConditionFilter = builder.inputType('ConditionFilter', {
  description: `A condition on the types of the conditions that are shown of it. ${operatorsHold}`,
  fields: (t) => ({
    has: t.string({ description: 'There is a condition of this type, such as `LEASE_EXPIRED`.' }),
    hasSome: t.stringList({
      description: 'There is a condition of at least one of these types; an empty list matches nothing.',
    }),
  }),
});

/** A filter on labels or tags. */
export const JSONObjectFilter = builder.inputType('JSONObjectFilter', {
  description: `A condition on labels or tags. ${operatorsHold}`,
  fields: (t) => ({
    contains: t.field({
      type: 'JSONObject',
      description:
        'The object has all of these keys with these values, such as `{env: "prod"}`. A nested object needs only to contain the nested keys given here.',
    }),
    hasKey: t.string({ description: 'The object has this key at the top level, whatever its value.' }),
  }),
});
