import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder in which no embedded database can be opened. */
export interface BadFolder {
  readonly title: string;
  /** The text that the one line must have. */
  readonly says: RegExp;
  /** The rights of files bind everybody but root. */
  readonly bindsOnlyOthersThanRoot?: true;
  /** Makes it at `folder`, which isn't there yet, from the cluster at `whole`. */
  make(folder: string, whole: string): Promise<void>;
}

/** A cluster that lacks one of its parts. */
const without = (part: string): BadFolder => ({
  title: `a cluster without ${part}`,
  says: new RegExp(`has no ${part}: put back a backup`),
  make: async (folder, whole) => {
    await cp(whole, folder, { recursive: true });
    await rm(join(folder, part), { recursive: true });
  },
});

/** O11: every kind of folder that can't be opened, each made for real. */
export const badFolders: readonly BadFolder[] = [
  {
    title: 'a file',
    says: /is not a folder: name one/,
    make: (folder) => writeFile(folder, ''),
  },
  {
    title: 'files of something else',
    says: /holds files of something else \(notes\.txt\): choose another folder/,
    make: async (folder) => {
      await mkdir(folder);
      await writeFile(join(folder, 'notes.txt'), '');
    },
  },
  {
    title: 'a cluster of another version of PostgreSQL',
    says: /is of PostgreSQL 17, and this version of Muster opens PostgreSQL 18: start the version that made it/,
    make: async (folder, whole) => {
      await cp(whole, folder, { recursive: true });
      await writeFile(join(folder, 'PG_VERSION'), '17\n');
    },
  },
  without('global/pg_control'),
  without('base'),
  without('pg_wal'),
  without('pg_xact'),
  without('postgresql.conf'),
  {
    title: 'a cluster whose files are damaged',
    says: /can't be opened, its files are damaged \(.*\): put back a backup/,
    make: async (folder, whole) => {
      await cp(whole, folder, { recursive: true });
      await writeFile(join(folder, 'global/pg_control'), Buffer.alloc(8_192, 7));
    },
  },
  {
    title: 'a folder that this user may not write',
    says: /can't be written by this user \(EACCES\): give the user the right/,
    bindsOnlyOthersThanRoot: true,
    make: async (folder) => {
      await mkdir(folder);
      await chmod(folder, 0o500);
    },
  },
  {
    title: 'files of another user',
    says: /has files that this user can't read and write \(.*\): run as the user that they belong to/,
    bindsOnlyOthersThanRoot: true,
    make: async (folder, whole) => {
      await cp(whole, folder, { recursive: true });
      await chmod(join(folder, 'PG_VERSION'), 0o000);
    },
  },
];
