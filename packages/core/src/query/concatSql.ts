/** A piece of a text that PostgreSQL is to make: a literal, or an expression whose value is never null. */
export type Piece = { readonly literal: string } | { readonly sql: string };

export const literal = (text: string): Piece => ({ literal: text });
export const sql = (expression: string): Piece => ({ sql: expression });

/** PostgreSQL's functions take at most 100 arguments. */
const mostArguments = 100;

/**
 * SQL for the pieces as one text. Concatenation takes PostgreSQL half the time of its functions that build JSON, and
 * makes fewer bytes.
 */
export function concatSql(pieces: readonly Piece[]): string {
  const parts: string[] = [];
  let text = '';
  const endLiteral = () => {
    if (text !== '') parts.push(`'${text.replaceAll("'", "''")}'`);
    text = '';
  };
  for (const piece of pieces) {
    if ('literal' in piece) {
      text += piece.literal;
    } else {
      endLiteral();
      parts.push(piece.sql);
    }
  }
  endLiteral();
  return concatenated(parts);
}

function concatenated(parts: readonly string[]): string {
  if (parts.length <= mostArguments) return `concat(${parts.join(', ')})`;
  const chunks = Array.from({ length: Math.ceil(parts.length / mostArguments) }, (_, i) =>
    concatenated(parts.slice(i * mostArguments, (i + 1) * mostArguments)),
  );
  return concatenated(chunks);
}

/** The pieces of a JSON object whose members have these keys, each with the pieces of its value. */
export function objectPieces<Part extends { readonly key: string }>(
  parts: readonly Part[],
  valuePieces: (part: Part) => readonly Piece[],
): Piece[] {
  const pieces = [literal('{')];
  let comma = '';
  for (const part of parts) {
    pieces.push(literal(`${comma}"${part.key}":`), ...valuePieces(part));
    comma = ',';
  }
  pieces.push(literal('}'));
  return pieces;
}
