import { randomBytes } from 'node:crypto';
import type { Prisma, PrismaClient } from '@muster/db';
import type { PublishedSupervisor } from '../../reports/publishReport.ts';
import type { Report, ReportedPlugin } from '../../reports/report.ts';

const leaseMs = 300_000;
/** Longer than Prisma's default of 2 s, since the bench has many concurrent transactions. */
const maxWait = 20_000;

/**
 * Stores a report as one would with an ORM, in one transaction: find the rows, upsert the lease, create or update the
 * plugins that differ.
 */
export function publishThroughPrisma(prisma: PrismaClient, report: Report): Promise<PublishedSupervisor> {
  return prisma.$transaction((tx) => publish(tx, report), { maxWait, timeout: maxWait });
}

async function publish(tx: Prisma.TransactionClient, report: Report): Promise<PublishedSupervisor> {
  const { domainId, hostname, name, plugins } = report;
  const { id, state } =
    (await tx.supervisor.findFirst({ where: { domainId, hostname }, select: { id: true, state: true } })) ??
    (await tx.supervisor.create({ data: { id: newId('supervisor', 6), domainId, hostname, name } }));
  const lease = { expiresAt: new Date(Date.now() + leaseMs), lastSeenAt: new Date() };
  await tx.lease.upsert({ where: { supervisorId: id }, create: { supervisorId: id, ...lease }, update: lease });
  const found = await tx.plugin.findMany({ where: { supervisorId: id } });
  const rows = new Map(found.map((row) => [keyOf(row), row]));
  for (const plugin of plugins) {
    const row = rows.get(keyOf(plugin));
    const columns = columnsOf(plugin);
    if (row === undefined) {
      await tx.plugin.create({ data: { id: newId('instance', 8), supervisorId: id, domainId, ...plugin, ...columns } });
    } else if (row.state !== columns.state || row.endpoint !== columns.endpoint) {
      await tx.plugin.update({ where: { id: row.id }, data: columns });
    }
  }
  return { id, state };
}

function columnsOf({ state, endpoint }: ReportedPlugin) {
  return { state, endpoint, endpoints: [endpoint], reason: 'reported', actor: 'bench' };
}

const keyOf = ({ pluginId, version }: { pluginId: string; version: string }) => JSON.stringify([pluginId, version]);
const newId = (kind: string, bytes: number) => `${kind}-${randomBytes(bytes).toString('hex')}`;
