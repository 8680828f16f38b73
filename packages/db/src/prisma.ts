import { type Prisma, PrismaClient } from './generated/prisma/client.ts';

/** Creates a Prisma client over `adapter` that calls `onQuery` with each statement it runs. */
export function createPrisma(
  adapter: NonNullable<Prisma.PrismaClientOptions['adapter']>,
  onQuery: (text: string) => void,
): PrismaClient {
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }], errorFormat: 'minimal' });
  prisma.$on('query', (event: Prisma.QueryEvent) => onQuery(event.query));
  return prisma;
}
