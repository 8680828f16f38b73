import { type Prisma, PrismaClient } from './generated/prisma/client.ts';

/** A Prisma client over `adapter` that tells `onQuery` each statement it runs. */
export function createPrisma(
  adapter: NonNullable<Prisma.PrismaClientOptions['adapter']>,
  onQuery: (text: string) => void,
): PrismaClient {
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }], errorFormat: 'minimal' });
  prisma.$on('query', (event: Prisma.QueryEvent) => onQuery(event.query));
  return prisma;
}
