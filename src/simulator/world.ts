import { SimulatedPrincipal } from './principal.ts';
import { createRandom } from './random.ts';
import { organizationName } from './seed-data.ts';

/** How large a world to make, and from which seed. */
export interface WorldOptions {
  /** The same seed makes the same world. Default 1. */
  seed?: number;
  /** Memberships and invitations of each principal. Default 50. */
  organizations?: number;
  /** How many principals, or their names. Default 1, whose name is `default`; more are `principal-1`, and so on. */
  principals?: number | readonly string[];
  /** The clock by which invitations are sent. Default: a fixed instant, so that a world is the same every day. */
  now?: () => Date;
}

/** Everything that the simulator serves: principals, each with a roll of its own. */
export interface World {
  readonly principals: readonly SimulatedPrincipal[];
  /** The principal of that name, or the first; throws when there is none. */
  principal(name?: string): SimulatedPrincipal;
}

const tokenAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const instant = new Date('2026-01-05T02:00:00Z');

/**
 * Makes a world. One in ten is an invitation; neighbouring principals share a fifth of their organizations, as
 * colleagues do. A larger world of the same seed begins with the same organizations.
 */
export function createWorld(options: WorldOptions = {}): World {
  const { seed = 1, organizations = 50, now = () => instant } = options;
  const principals = principalNames(options.principals ?? 1).map((name, index) => {
    const principal = createPrincipal(seed, name, now);
    const first = index * Math.ceil(organizations * 0.8);
    for (let number = first; number < first + organizations; number++) {
      const random = createRandom(`${seed}/organization/${number}`);
      principal.put({
        id: random.text(32),
        name: organizationName(random),
        status: number % 10 === 3 ? 'invited' : 'member',
      });
    }
    return principal;
  });
  return {
    principals,
    principal: (name = principals[0]?.name ?? '') => {
      const found = principals.find((principal) => principal.name === name);
      if (found === undefined) throw new Error(`expected a principal of the world, got "${name}"`);
      return found;
    },
  };
}

function principalNames(principals: number | readonly string[]): readonly string[] {
  if (typeof principals !== 'number') return principals;
  if (principals === 1) return ['default'];
  return Array.from({ length: principals }, (_, index) => `principal-${index + 1}`);
}

/** Credentials in today's formats: a prefix, 40 characters and a checksum. */
function createPrincipal(seed: number, name: string, now: () => Date): SimulatedPrincipal {
  const random = createRandom(`${seed}/principal/${name}`);
  const userId = random.text(32);
  const apiToken = `cfut_${random.text(40, tokenAlphabet)}${random.text(8)}`;
  const apiKey = `cfk_${random.text(40, tokenAlphabet)}${random.text(8)}`;
  return new SimulatedPrincipal({ name, userId, email: `${name}@rollcall.example`, apiToken, apiKey }, now);
}
