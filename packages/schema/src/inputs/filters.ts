import { builder } from '../builder.ts';

export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which way a list is ordered.',
  values: {
    ASC: { description: 'Smallest first: A to Z, oldest to newest.' },
    DESC: { description: 'Greatest first: Z to A, newest to oldest.' },
  } as const,
});

export const StringFilter = builder.inputType('StringFilter', {
  description: 'What a text must be like. All that is given must hold. Compared byte by byte, unless `insensitive`.',
  fields: (t) => ({
    eq: t.string({ description: 'Equal to this; null matches a field without a value.' }),
    ne: t.string({ description: 'Other than this; null matches a field with a value.' }),
    in: t.stringList({ description: 'One of these.' }),
    notIn: t.stringList({ description: 'None of these.' }),
    contains: t.string({ description: 'Has this somewhere in it; no character is special.' }),
    startsWith: t.string({ description: 'Begins with this.' }),
    endsWith: t.string({ description: 'Ends with this.' }),
    insensitive: t.boolean({ description: 'Compare without regard to upper and lower case. Default false.' }),
    isNull: t.boolean({ description: 'True matches a field without a value, false one with a value.' }),
  }),
});

export const BooleanFilter = builder.inputType('BooleanFilter', {
  description: 'What a flag must be.',
  fields: (t) => ({
    eq: t.boolean({ description: 'Equal to this.' }),
    ne: t.boolean({ description: 'Other than this.' }),
  }),
});

export const IntFilter = builder.inputType('IntFilter', {
  description: 'What a number must be like. All that is given must hold.',
  fields: (t) => ({
    eq: t.int({ description: 'Equal to this.' }),
    ne: t.int({ description: 'Other than this.' }),
    in: t.intList({ description: 'One of these.' }),
    notIn: t.intList({ description: 'None of these.' }),
    lt: t.int({ description: 'Less than this.' }),
    lte: t.int({ description: 'At most this.' }),
    gt: t.int({ description: 'Greater than this.' }),
    gte: t.int({ description: 'At least this.' }),
  }),
});

export const DateTimeFilter = builder.inputType('DateTimeFilter', {
  description: 'When something must have been. All that is given must hold; a field without a value meets none of it.',
  fields: (t) => ({
    lt: t.field({ type: 'DateTime', description: 'Before this.' }),
    lte: t.field({ type: 'DateTime', description: 'Not after this.' }),
    gt: t.field({ type: 'DateTime', description: 'After this.' }),
    gte: t.field({ type: 'DateTime', description: 'Not before this.' }),
    isNull: t.boolean({ description: 'True matches a field without a value, false one with a value.' }),
  }),
});

export const JSONObjectFilter = builder.inputType('JSONObjectFilter', {
  description: 'What labels or tags must have. All that is given must hold.',
  fields: (t) => ({
    contains: t.field({
      type: 'JSONObject',
      description: 'All of these keys, with these values: `{env: "prod"}`. Nested objects are contained likewise.',
    }),
    hasKey: t.string({ description: 'This key, whatever its value.' }),
  }),
});
