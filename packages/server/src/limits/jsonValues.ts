const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;

/**
 * Whether a JSON text certainly holds more than `most` values: whether more commas than that stand outside its strings.
 * Takes a fraction of the time that parsing takes (W7).
 */
export function hasMoreValues(json: Buffer, most: number): boolean {
  if (json.length <= most) return false;
  let commas = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (byte === quote) isInString = !isInString;
    else if (byte === backslash) index += 1;
    else if (byte === comma && !isInString && ++commas > most) return true;
  }
  return false;
}
