/** Phrases that make a comment hard to read. */
const phrases = /\b(told|whoever|likewise|of its own|goes by|has it that|so many)\b/i;
/** A sentence whose subject is a clause, unless it is a question. */
const clauseAsSubject = /(?:^|[.!?] )What\b(?![^.!?]*\?)/;

/** A place in a file whose comment has such a phrase. */
export interface HardPhrase {
  readonly line: number;
  readonly phrase: string;
  readonly comment: string;
}

/** Finds the hard phrases in the comments of TypeScript, SQL and .proto files; strings don't count. */
export function findHardPhrases(text: string): HardPhrase[] {
  return text.split('\n').flatMap((line, index) => {
    const [, mark = '', comment = ''] = /^(.*?(?:^\s*\/\*\*?|^\s*\*|^\s*\/\/|^\s*--|\s\/\/)) (.*)/.exec(line) ?? [];
    // A line within a block may begin anywhere in a sentence.
    const sentences = mark.trim() === '*' ? ` ${comment}` : comment;
    const phrase = phrases.exec(comment)?.[0] ?? clauseAsSubject.exec(sentences)?.[0].replace(/^\W+/, '');
    return phrase === undefined ? [] : [{ line: index + 1, phrase, comment: comment.trim() }];
  });
}
