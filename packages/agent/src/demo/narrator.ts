/** An action of the demo, as a line of its output. */
export interface Narration {
  /** The action's domain; empty if it belongs to no domain. */
  readonly domain: string;
  readonly actor: string;
  readonly what: string;
  readonly result: string;
}

/** Prints a narration. */
export type Narrate = (narration: Narration) => void;

/** Formats a narration as a line: time, domain, actor, what, result. */
export function formatLine(at: Date, { domain, actor, what, result }: Narration): string {
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
  const outcome = result === '' ? '' : ` -> ${result}`;
  return `${time}  ${domain.padEnd(7)}  ${actor.padEnd(21)}  ${what}${outcome}`;
}
