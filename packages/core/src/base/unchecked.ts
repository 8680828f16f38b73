/**
 * An operation's input before it has been parsed: the same fields, each with a value of any type. Operations take their
 * input so and parse it by their schema; a front passes on what came.
 */
export type Unchecked<Input> = { readonly [Field in keyof Input]?: unknown };

/** As `Unchecked`, except the fields that the query package's parsers take typed: filters, orders and pages. */
export type UncheckedExcept<Input, Typed extends keyof Input> = Unchecked<Omit<Input, Typed>> & Pick<Input, Typed>;
