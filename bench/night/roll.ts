/**
 * A roll that is computed and not kept, so that it takes no memory from what is measured. On the changed night 1 % of
 * its memberships has changed: of each 400, one has other roles, one another name, and one has left where one joined.
 */
export interface Roll {
  memberships: number;
  /** How many permissions each has, at least and at most. */
  permissions: readonly [least: number, most: number];
}

/** Nights in their order; the second sees what the first did. */
export type Night = 'first' | 'quiet' | 'changed';

/** One organization as the API lists it. */
export interface ListedOrganization {
  id: string;
  name: string;
  status: string;
  roles: string[];
  permissions: string[];
}

const changePeriod = 400;
const changesAt = { roles_changed: 0, replaced: 100, renamed: 200 };

const distinctLists = 36;
const areas =
  'access analytics app billing dns_records lb logs organization ssl stream waf worker zone'.split(' ');
/**
 * As many names as a prime, so that steps of any width reach all of them. A hundred in one list are long ones too, as
 * much as makes the whole roll more than one jsonb may hold, which is 256 MB.
 */
function permissionPoolOf({ permissions: [, most] }: Roll): string[] {
  const rest = most < 100 ? '' : '_configuration';
  return Array.from({ length: 151 }, (_, index) => {
    const number = Math.floor(index / areas.length);
    const area = `${areas[index % areas.length] ?? ''}${number === 0 ? '' : `_${number}`}`;
    return `#${area}${rest}:${index % 2 === 0 ? 'read' : 'edit'}`;
  });
}

const rolePool = [
  'Administrator',
  'Administrator Read Only',
  'Analytics',
  'Billing',
  'Cache Purge',
  'Cloudflare Access',
  'Cloudflare Stream',
  'DNS',
  'Firewall',
  'Load Balancer',
  'Super Administrator - All Privileges',
  'Workers Admin',
  'Zaraz Edit',
];

const roleLists = Array.from({ length: 20 }, (_, list) =>
  Array.from({ length: 1 + (list % 2) }, (_each, index) => pick(rolePool, list + index * 5)),
);

/** The permissions that go together, a few dozen lists: many memberships have equal ones. */
function permissionListsOf(roll: Roll): string[][] {
  const [least, most] = roll.permissions;
  const pool = permissionPoolOf(roll);
  return Array.from({ length: distinctLists }, (_, list) =>
    Array.from({ length: least + (list % (most - least + 1)) }, (_each, index) =>
      pick(pool, list * 11 + index * 17),
    ),
  );
}

/** The pages of a night's listing, as JSON. */
export function createPages(roll: Roll, night: Night): (page: number, perPage: number) => string {
  const permissions = permissionListsOf(roll).map((list) => JSON.stringify(list));
  const roles = roleLists.map((list) => JSON.stringify(list));
  const rowAt = (index: number) => {
    const change = night === 'changed' ? index % changePeriod : -1;
    const salt = change === changesAt.replaced ? 7 : 1;
    const name = `${nameOf(index)}${change === changesAt.renamed ? ' Group' : ''}`;
    const roleList = mix(index, 5) + (change === changesAt.roles_changed ? 1 : 0);
    return (
      `{"id":"${idOf(index, salt)}","name":"${name}","status":"member",` +
      `"roles":${pick(roles, roleList)},"permissions":${pick(permissions, mix(index, 6))}}`
    );
  };
  return (page, perPage) => {
    const rows: string[] = [];
    const end = Math.min(page * perPage, roll.memberships);
    for (let index = (page - 1) * perPage; index < end; index += 1) rows.push(rowAt(index));
    return (
      `{"success":true,"errors":[],"messages":[],"result":[${rows.join(',')}],"result_info":` +
      `{"page":${page},"per_page":${perPage},"count":${rows.length},"total_count":${roll.memberships}}}`
    );
  };
}

/** What a night has to find. */
export function countsOf(roll: Roll, night: Night) {
  const lengths = permissionListsOf(roll).map((list) => list.length);
  let permissions = 0;
  for (let index = 0; index < roll.memberships; index += 1) permissions += pick(lengths, mix(index, 6));
  const at = (offset: number) => Math.ceil((roll.memberships - offset) / changePeriod);
  const changes = {
    joined: at(changesAt.replaced),
    left: at(changesAt.replaced),
    renamed: at(changesAt.renamed),
    roles_changed: at(changesAt.roles_changed),
  };
  return { organizations: roll.memberships, permissions, changes: night === 'changed' ? changes : {} };
}

/** In the order of the index. */
function idOf(index: number, salt: number): string {
  const parts = [index, mix(index, salt), mix(index, salt + 1), mix(index, salt + 2)];
  return parts.map((part) => part.toString(16).padStart(8, '0')).join('');
}

function nameOf(index: number): string {
  const first = ['Northwind', 'Contoso', 'Müller & Söhne', 'Umbra', 'Wingtip', 'Café Olé', 'サンプル'];
  const second = ['Retail', 'Logistics', 'Health', 'Media', 'Energy'];
  return `${pick(first, index)} ${pick(second, index)} ${index}`;
}

/** A number below 2^32 that looks like chance. */
function mix(index: number, salt: number): number {
  let mixed = Math.imul(index ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

function pick<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new Error('expected something to pick from');
  return value;
}
