/** A program that ships as one file. */
export interface BundledProgram {
  /** Its package's folder below `packages`, and its name. */
  readonly package: string;
  /** The module that it begins with, in its package. */
  readonly entry: string;
  /** The name of its file, without `.mjs`. */
  readonly file: string;
  /** The pages for browsers that it serves, with the packages in them. */
  readonly pages: readonly string[];
}

/** The programs that ship. */
export const programs: readonly BundledProgram[] = [
  { package: 'server', entry: 'src/muster.ts', file: 'muster', pages: ['playground', 'console'] },
  { package: 'agent', entry: 'src/main.ts', file: 'muster-agent', pages: [] },
];
