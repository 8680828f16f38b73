import type { PrismaClient } from '@muster/db';
import { type Core, internalsOf } from '../core.ts';
import type { Viewer } from './viewer.ts';

/** Prisma, bound to the viewer's domain, or to all for an ADMIN without one: for a front whose library loads rows. */
export function viewerClient(core: Core, { domainId }: Viewer): PrismaClient {
  return internalsOf(core).tenants.client({ domainId });
}
