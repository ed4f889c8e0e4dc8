import { type Endpoint } from './endpoints.ts';
import { createRandom } from './random.ts';
import { inviterOf, organizationName, somePermissions, someRoles } from './seed-data.ts';

/** One principal's membership or invitation, in the fields of the API. */
export interface SimulatedMembership {
  readonly id: string;
  readonly name: string;
  /** `member`, `invited`, or whatever a test wants to be said. */
  readonly status: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
}

/** A membership as the API says it, where any field may be missing, null or strange. */
export type ListedOrganization = Readonly<Record<string, unknown>>;

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
  readonly tokenMay: Record<Endpoint, boolean> = {
    list: true,
    details: true,
    leave: true,
    user: true,
    invites: true,
  };

  #version = 0;
  readonly #now: () => Date;
  readonly #roll = new Map<string, SimulatedMembership>();
  readonly #departed = new Map<string, SimulatedMembership>();
  readonly #rawFields = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #invitations = new Map<string, Invitation>();
  #listed: { version: number; organizations: readonly ListedOrganization[] } = {
    version: -1,
    organizations: [],
  };

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
  get memberships(): readonly SimulatedMembership[] {
    return [...this.#roll.values()];
  }

  get size(): number {
    return this.#roll.size;
  }

  /** What was removed and has not come back, newest last. */
  get departed(): readonly SimulatedMembership[] {
    return [...this.#departed.values()];
  }

  get invitations(): readonly Invitation[] {
    return [...this.#invitations.values()];
  }

  membership(id: string): SimulatedMembership | undefined {
    return this.#roll.get(id);
  }

  /** The membership, or what it was when it went. */
  lastKnown(id: string): SimulatedMembership | undefined {
    return this.#roll.get(id) ?? this.#departed.get(id);
  }

  /** The roll as the API says it. */
  get listed(): readonly ListedOrganization[] {
    if (this.#listed.version !== this.#version) {
      const organizations = this.memberships.map((membership) => this.#asListed(membership));
      this.#listed = { version: this.#version, organizations };
    }
    return this.#listed.organizations;
  }

  /** One membership as the API says it. */
  listedAs(id: string): ListedOrganization | undefined {
    const membership = this.#roll.get(id);
    return membership && this.#asListed(membership);
  }

  /**
   * Adds a membership, or replaces the one with that id. What is not given is made up, always the same for the same
   * id; the status is `member` unless told. An `invited` one gets an invitation for `/user/invites`.
   */
  put(fields: Partial<SimulatedMembership> = {}): SimulatedMembership {
    const id = fields.id ?? createRandom(`${this.userId}/${this.#version}`).text(32);
    const random = createRandom(id);
    const membership: SimulatedMembership = {
      id,
      name: organizationName(random),
      status: 'member',
      roles: someRoles(random),
      permissions: somePermissions(random),
      ...fields,
    };
    this.#settleInvitation(membership);
    this.#roll.set(id, membership);
    this.#departed.delete(id);
    this.#version += 1;
    return membership;
  }

  /** Changes fields of one membership; from `invited` to `member` accepts the invitation. */
  update(id: string, fields: Partial<Omit<SimulatedMembership, 'id'>>): SimulatedMembership {
    return this.put({ ...this.#known(id), ...fields });
  }

  /** Takes one off the roll. A pending invitation goes as told: withdrawn, which leaves no trace, unless said otherwise. */
  remove(id: string, invitation: 'withdrawn' | 'expired' | 'rejected' = 'withdrawn'): SimulatedMembership {
    const membership = this.#known(id);
    const pending = this.#invitations.get(id);
    if (pending?.status === 'pending') {
      if (invitation === 'withdrawn') this.#invitations.delete(id);
      else this.#invitations.set(id, { ...pending, status: invitation });
    }
    this.#roll.delete(id);
    this.#rawFields.delete(id);
    this.#departed.set(id, membership);
    this.#version += 1;
    return membership;
  }

  /** Empties the roll. */
  removeAll(): void {
    for (const { id } of this.memberships) this.remove(id);
  }

  /**
   * Makes the API say exactly this for one membership, whatever is true: `undefined` leaves the field out, `null`
   * says null. It holds until set again; an empty object lifts it.
   */
  setRaw(id: string, fields: Readonly<Record<string, unknown>>): void {
    this.#known(id);
    this.#rawFields.set(id, fields);
    this.#version += 1;
  }

  #known(id: string): SimulatedMembership {
    const membership = this.#roll.get(id);
    if (membership === undefined)
      throw new Error(`expected ${id} to be on the roll of ${this.name}; it is not`);
    return membership;
  }

  #asListed(membership: SimulatedMembership): ListedOrganization {
    const raw = this.#rawFields.get(membership.id);
    return raw === undefined ? { ...membership } : { ...membership, ...raw };
  }

  #settleInvitation({ id, status }: SimulatedMembership): void {
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
