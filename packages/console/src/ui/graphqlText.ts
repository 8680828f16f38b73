/** An operation as text for the playground, with its variables below (K16). */
export function graphqlText(document: string, variables: unknown): string {
  return `${document}\n\n# Variables\n${JSON.stringify(variables, null, 2).replace(/^/gm, '# ')}\n`;
}
