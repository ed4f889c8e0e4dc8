import { RollcallError } from '../domain/errors.ts';
import { storableText } from '../domain/membership.ts';
import { browse } from './browse.ts';
import { type Client } from './http/client.ts';
import { getMembership, leaveMembership, listMemberships } from './memberships.ts';
import { isId, requireId } from './one.ts';
import { getOrganization, leaveOrganization } from './organizations.ts';
import { type ListedRow, nameRow } from './sources/source.ts';

/** A way out of an organization. */
export interface WayOut {
  /** As it is listed, whatever the case in which it was asked for. */
  organizationId: string;
  /** `null` when the API gives none. */
  organizationName: string | null;
  /** Asks once. Throws `unavailable` when the outcome is not known. */
  leave: () => Promise<void>;
}

/**
 * What the endpoint that the client's roll is read from says of one organization. Throws `not_found` for one that it does
 * not list, and `usage` for what can be no id.
 */
export async function readOrganization(
  client: Client,
  organizationId: string,
): Promise<Record<string, unknown>> {
  if (client.source === 'organizations') return getOrganization(client, organizationId);
  return getMembership(client, await findRow(client, organizationId));
}

/** How to leave one organization, by that endpoint. Throws as {@link readOrganization} does; nothing is left yet. */
export async function findWayOut(client: Client, organizationId: string): Promise<WayOut> {
  if (client.source === 'organizations') {
    const { name } = await getOrganization(client, organizationId);
    return {
      organizationId,
      organizationName: typeof name === 'string' ? storableText(name) : null,
      leave: () => leaveOrganization(client, organizationId),
    };
  }
  const row = await findRow(client, organizationId);
  if (row.isDeclined) {
    throw new RollcallError(
      'not_found',
      `${client.principal}: the invitation to ${organizationId} was declined, so there is nothing to leave.`,
    );
  }
  return {
    organizationId: row.membership.organizationId,
    organizationName: row.membership.organizationName,
    leave: () => leaveMembership(client, row),
  };
}

/** The membership in an organization, else the invitation to it that was declined, page after page until it is found. */
async function findRow(client: Client, organizationId: string): Promise<ListedRow> {
  requireId(organizationId);
  let declined: ListedRow | undefined;
  let [seen, total]: [number, number | null] = [0, null];
  for await (const { rows, totalCount } of browse(client, listMemberships, {})) {
    const found = rows.filter(
      ({ membership }) => membership.organizationId.toLowerCase() === organizationId.toLowerCase(),
    );
    const current = found.find(({ isDeclined }) => !isDeclined);
    if (current !== undefined) return withUsableId(client, current);
    declined ??= found[0];
    seen += rows.length;
    total = totalCount;
  }
  if (total !== null && total !== seen) {
    throw new RollcallError(
      'incomplete',
      `${client.principal}: /memberships listed ${seen} of ${total}, and ${organizationId} is not among them. Try again.`,
    );
  }
  return declined === undefined
    ? refuseUnknown(client, organizationId, seen)
    : withUsableId(client, declined);
}

/** The row, if its membership can be asked for: the server made its id, and nobody typed it. */
function withUsableId({ principal }: Client, row: ListedRow): ListedRow {
  if (isId(row.id)) return row;
  throw new RollcallError(
    'incomplete',
    `${principal}: /memberships lists ${nameRow(row)}, and nothing can be asked for by such an id of a membership. Try again.`,
  );
}

function refuseUnknown({ principal }: Client, organizationId: string, seen: number): never {
  throw new RollcallError(
    'not_found',
    `${principal}: ${organizationId} is none of the ${seen} that /memberships lists: the principal is neither in that organization nor invited to it. \`rollcall organizations list --source memberships\` has their ids.`,
  );
}
