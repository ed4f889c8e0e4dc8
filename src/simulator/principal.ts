import { endpoints, type Endpoint, type ListEndpoint } from './endpoints.ts';
import { makeUpFacts, type MembershipFacts } from './membership-facts.ts';
import { createRandom } from './random.ts';
import { type ListedRow, type OrganizationFacts, rowOf, withField } from './rows.ts';
import { inviterOf, organizationName, somePermissions, someRoles } from './seed-data.ts';

/**
 * One principal's membership or invitation: what both listings tell of it, and as much as is said of what `/memberships`
 * alone tells.
 */
export type SimulatedMembership = OrganizationFacts & Partial<MembershipFacts>;

/** A membership as the world keeps it: with every fact, told or made up. */
export type CompleteMembership = SimulatedMembership & MembershipFacts;

/** An invitation as `/user/invites` tells it; one that was withdrawn is not told at all. */
export interface Invitation {
  readonly id: string;
  readonly organizationId: string;
  readonly invitedBy: string;
  readonly invitedOn: Date;
  readonly expiresOn: Date;
  readonly status: 'pending' | 'accepted' | 'rejected' | 'expired';
}

/** What identifies a principal. All of it may change while the simulator runs: a rotated token, another user behind it. */
export interface Identity {
  name: string;
  /** 32 hex digits. */
  userId: string;
  email: string;
  apiToken: string;
  apiKey: string;
}

const invitationDays = 7;
const dayMs = 86_400_000;

/**
 * A Cloudflare user of the simulated world, and that user's roll. Every change is seen by the next request.
 * An id that is not on the roll is a mistake of the caller, and throws.
 */
export class SimulatedPrincipal implements Identity {
  readonly name: string;
  userId: string;
  email: string;
  apiToken: string;
  apiKey: string;
  /** What the API token may do; the API key may do everything. */
  readonly tokenMay = Object.fromEntries(endpoints.map((endpoint) => [endpoint, true])) as Record<
    Endpoint,
    boolean
  >;

  #version = 0;
  readonly #now: () => Date;
  readonly #roll = new Map<string, CompleteMembership>();
  readonly #departed = new Map<string, CompleteMembership>();
  readonly #rejected = new Map<string, CompleteMembership>();
  readonly #rawFields: Record<ListEndpoint, Map<string, ListedRow>> = {
    list: new Map(),
    memberships: new Map(),
  };
  readonly #invitations = new Map<string, Invitation>();
  readonly #rows = new Map<ListEndpoint, { version: number; rows: readonly ListedRow[] }>();

  constructor(identity: Identity, now: () => Date) {
    this.name = identity.name;
    this.userId = identity.userId;
    this.email = identity.email;
    this.apiToken = identity.apiToken;
    this.apiKey = identity.apiKey;
    this.#now = now;
  }

  /** Grows with every change of the roll. */
  get version(): number {
    return this.#version;
  }

  /** The roll, in the order in which its rows came. */
  get memberships(): readonly CompleteMembership[] {
    return [...this.#roll.values()];
  }

  get size(): number {
    return this.#roll.size;
  }

  /** What was removed and has not come back, newest last. */
  get departed(): readonly CompleteMembership[] {
    return [...this.#departed.values()];
  }

  get invitations(): readonly Invitation[] {
    return [...this.#invitations.values()];
  }

  membership(id: string): CompleteMembership | undefined {
    return this.#roll.get(id);
  }

  /** The membership, or what it was when it went. */
  lastKnown(id: string): CompleteMembership | undefined {
    return this.#roll.get(id) ?? this.#departed.get(id);
  }

  /** Invitations that were rejected: `/memberships` goes on listing them, and they are not on the roll. */
  get rejected(): readonly CompleteMembership[] {
    return [...this.#rejected.values()];
  }

  /** The membership or rejected invitation whose own id this is. */
  withMembershipId(membershipId: string): CompleteMembership | undefined {
    return [...this.#roll.values(), ...this.#rejected.values()].find(
      (membership) => membership.membershipId === membershipId,
    );
  }

  /** The roll as `/user/organizations` says it. */
  get listed(): readonly ListedRow[] {
    return this.rows('list');
  }

  /** All rows of a listing: the roll, and in `memberships` the rejected invitations too. */
  rows(endpoint: ListEndpoint): readonly ListedRow[] {
    const known = this.#rows.get(endpoint);
    if (known?.version === this.#version) return known.rows;
    const memberships = endpoint === 'list' ? this.memberships : [...this.memberships, ...this.rejected];
    const rows = memberships.map((membership) => this.row(endpoint, membership));
    this.#rows.set(endpoint, { version: this.#version, rows });
    return rows;
  }

  /** One membership as a listing says it. */
  row(endpoint: ListEndpoint, membership: CompleteMembership): ListedRow {
    const row = rowOf(endpoint, membership);
    const raw = Object.entries(this.#rawFields[endpoint].get(membership.id) ?? {});
    return raw.reduce((said, [path, value]) => withField(said, path, value), row);
  }

  /**
   * Adds a membership, or replaces the one with that id. What is not given is made up, always the same for the same
   * id; the status is `member` unless told. An `invited` one gets an invitation for `/user/invites`.
   */
  put(fields: Partial<SimulatedMembership> = {}): CompleteMembership {
    const id = fields.id ?? createRandom(`${this.userId}/${this.#version}`).text(32);
    const random = createRandom(id);
    const told = {
      id,
      name: organizationName(random),
      status: 'member',
      roles: someRoles(random),
      permissions: somePermissions(random),
      ...fields,
    };
    return this.#keep({ ...makeUpFacts({ ...told, userId: this.userId }), ...told });
  }

  /** Changes fields of one membership; from `invited` to `member` accepts the invitation. */
  update(id: string, fields: Partial<Omit<SimulatedMembership, 'id'>>): CompleteMembership {
    return this.#keep({ ...this.#known(id), ...fields });
  }

  /**
   * Takes one off the roll. A pending invitation goes as told: withdrawn, which leaves no trace, unless said otherwise.
   * One that is rejected stays in `/memberships`.
   */
  remove(id: string, invitation: 'withdrawn' | 'expired' | 'rejected' = 'withdrawn'): CompleteMembership {
    const membership = this.#known(id);
    const pending = this.#invitations.get(id);
    if (pending?.status === 'pending') {
      if (invitation === 'withdrawn') this.#invitations.delete(id);
      else this.#invitations.set(id, { ...pending, status: invitation });
      if (invitation === 'rejected') this.#rejected.set(id, { ...membership, status: 'rejected' });
    }
    this.#roll.delete(id);
    this.#liftRaw(id);
    this.#departed.set(id, membership);
    this.#version += 1;
    return membership;
  }

  /** Rejects a pending invitation, and gives what `/memberships` lists from then on; throws when none is pending. */
  reject(id: string): CompleteMembership {
    const membership = this.#known(id);
    if (membership.status !== 'invited') {
      throw new Error(`expected ${id} to be an invitation of ${this.name}; it is ${membership.status}`);
    }
    this.remove(id, 'rejected');
    return this.#rejected.get(id) ?? membership;
  }

  /** Takes one off the roll and off `/memberships`: a member leaves, a pending invitation is declined without a trace there. */
  erase(id: string): void {
    if (this.#roll.has(id)) this.remove(id, 'rejected');
    else if (!this.#rejected.has(id)) throw this.#unknown(id);
    this.#rejected.delete(id);
    this.#liftRaw(id);
    this.#version += 1;
  }

  /** Empties the roll, and forgets what was rejected. */
  removeAll(): void {
    for (const { id } of this.memberships) this.remove(id);
    for (const { id } of this.rejected) this.erase(id);
  }

  /**
   * Makes a listing say exactly this for one organization, whatever is true: `undefined` leaves the field out, `null`
   * says null; a path such as `account.settings` reaches into objects. It holds until set again; an empty object lifts it.
   */
  setRaw(id: string, fields: ListedRow, endpoint: ListEndpoint = 'list'): void {
    if (endpoint === 'list' || !this.#rejected.has(id)) this.#known(id);
    this.#rawFields[endpoint].set(id, fields);
    this.#version += 1;
  }

  #known(id: string): CompleteMembership {
    const membership = this.#roll.get(id);
    if (membership === undefined) throw this.#unknown(id);
    return membership;
  }

  #unknown(id: string): Error {
    return new Error(`expected ${id} to be on the roll of ${this.name}; it is not`);
  }

  /** Puts one on the roll as it is. What was rejected of that organization is past. */
  #keep(membership: CompleteMembership): CompleteMembership {
    const { id } = membership;
    this.#settleInvitation(membership);
    this.#roll.set(id, membership);
    this.#departed.delete(id);
    if (this.#rejected.delete(id)) this.#liftRaw(id);
    this.#version += 1;
    return membership;
  }

  #liftRaw(id: string): void {
    this.#rawFields.list.delete(id);
    this.#rawFields.memberships.delete(id);
  }

  #settleInvitation({ id, status }: CompleteMembership): void {
    const invitation = this.#invitations.get(id);
    if (status === 'invited' && invitation?.status !== 'pending') {
      this.#invitations.set(id, this.#newInvitation(id));
    } else if (status !== 'invited' && invitation?.status === 'pending') {
      this.#invitations.set(id, { ...invitation, status: 'accepted' });
    }
  }

  #newInvitation(organizationId: string): Invitation {
    const invitedOn = this.#now();
    return {
      id: createRandom(`${this.userId}/${organizationId}/${invitedOn.toISOString()}`).text(32),
      organizationId,
      invitedBy: inviterOf(organizationId),
      invitedOn,
      expiresOn: new Date(invitedOn.getTime() + invitationDays * dayMs),
      status: 'pending',
    };
  }
}
