import { leaseExpired } from '../lifecycle.ts';

/** The conditions in `conditions` (SQL of type jsonb) without LEASE_EXPIRED: the agent is heard of again (L7). */
export function withoutLeaseExpired(conditions: string): string {
  return `jsonb_path_query_array(${conditions}, '$[*] ? (@.type != "${leaseExpired}")')`;
}

/**
 * The conditions in `conditions` (SQL of type jsonb) with LEASE_EXPIRED (L7).
 *
 * @param since SQL for the time at which the lease ran out
 */
export function withLeaseExpired(conditions: string, since: string): string {
  return `${withoutLeaseExpired(conditions)} || jsonb_build_array(jsonb_build_object(
      'type', '${leaseExpired}', 'since', ${since},
      'message', 'its agent is not heard of any longer: its lease has run out'))`;
}
