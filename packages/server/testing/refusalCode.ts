/** The code in a gRPC status's details, `ERROR_CODE: message`; the whole details where they are of another form. */
export function refusalCode({ details }: { readonly details: string }): string {
  return /^ERROR_([A-Z_]+): /.exec(details)?.[1] ?? details;
}
