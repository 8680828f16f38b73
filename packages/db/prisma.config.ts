import { defineConfig } from 'prisma/config';

/** Prisma's own commands (`generate`, `migrate`) read this; the server does not. */
export default defineConfig({
  schema: '../../prisma/schema.prisma',
  migrations: { path: '../../prisma/migrations' },
  ...(process.env.DATABASE_URL ? { datasource: { url: process.env.DATABASE_URL } } : {}),
});
