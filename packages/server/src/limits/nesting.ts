/** Brackets within brackets that a document, or its variables, may have. Introspection needs 15. */
export const maxLevels = 200;

/** The refusal of a `thing` that is nested deeper than `maxLevels`. */
export const tooDeep = (thing: string) => `expected ${thing} of at most ${maxLevels} levels; got a deeper one`;
