import { type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { runSources } from '../domain/run.ts';
import { type Answer } from './answers.ts';
import { faultNames, parseFault } from './fault-names.ts';
import { type FaultRule, type Faults } from './faults.ts';
import { applyNight } from './night.ts';
import { type SimulatedMembership } from './principal.ts';
import { type World } from './world.ts';

/** What the control surface changes. */
export interface Controlled {
  readonly world: World;
  readonly faults: Faults;
}

const id = z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hex digits');
const names = z.array(z.string());
const known = { principal: z.string().optional(), id };
const fields = { name: z.string(), roles: names, permissions: names };
const given = {
  principal: known.principal,
  id: id.exactOptional(),
  name: fields.name.exactOptional(),
  roles: fields.roles.exactOptional(),
  permissions: fields.permissions.exactOptional(),
};

const group = {
  id: z.string(),
  name: z.string().exactOptional(),
  meta: z.record(z.string(), z.unknown()).exactOptional(),
};
const scope = z.strictObject({ key: z.string(), objects: z.array(z.strictObject({ key: z.string() })) });
const policy = z.strictObject({
  id: z.string(),
  access: z.enum(['allow', 'deny']),
  permission_groups: z.array(z.strictObject(group)),
  resource_groups: z.array(z.strictObject({ ...group, scope })),
});
const parent = z.strictObject({ id, name: z.string() });

/** What can be done to a roll: an action, the principal (the first by default), and what the action needs. */
const membershipChange = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('join'), ...given }),
  z.strictObject({ action: z.literal('invite'), ...given }),
  z.strictObject({ action: z.literal('accept'), ...known }),
  z.strictObject({ action: z.literal('leave'), ...known }),
  z.strictObject({ action: z.literal('expire'), ...known }),
  z.strictObject({ action: z.literal('reject'), ...known }),
  z.strictObject({ action: z.literal('rename'), ...known, name: fields.name }),
  z.strictObject({ action: z.literal('roles'), ...known, roles: names }),
  z.strictObject({ action: z.literal('permissions'), ...known, permissions: names }),
  z.strictObject({ action: z.literal('status'), ...known, status: z.string() }),
  z.strictObject({ action: z.literal('two-factor'), ...known, enforced: z.boolean() }),
  z.strictObject({ action: z.literal('api-access'), ...known, enabled: z.boolean().nullable() }),
  z.strictObject({ action: z.literal('policies'), ...known, policies: z.array(policy).nullable() }),
  z.strictObject({ action: z.literal('parent'), ...known, parent: parent.nullable() }),
]);
const night = z.strictObject({
  seed: z.int().default(1),
  source: z.enum(runSources).default('organizations'),
});
const fault = z.strictObject({ fault: z.string() });

type Handler = (controlled: Controlled, body: unknown) => unknown;

const handlers: Readonly<Record<string, Handler>> = {
  'GET /simulator': ({ world }) => ({ principals: world.principals.map(describePrincipal) }),
  'POST /simulator/memberships': ({ world }, body) => changeMembership(world, membershipChange.parse(body)),
  'POST /simulator/night': ({ world }, body) => {
    const { seed, source } = night.parse(body);
    return applyNight(world, seed, source);
  },
  'GET /simulator/faults': ({ faults }) => ({
    names: faultNames,
    inForce: faults.all.map(({ rule }) => describeRule(rule)),
  }),
  'POST /simulator/faults': ({ faults }, body) =>
    describeRule(faults.add(parseFault(fault.parse(body).fault)).rule),
  'DELETE /simulator/faults': ({ faults }) => {
    faults.clear();
    return {};
  },
};

/**
 * Answers a request of the control surface, by which a person or a script changes the world while it is served:
 *
 * - `GET /simulator`: the principals, with their credentials
 * - `POST /simulator/memberships`: one change of one roll, such as `{"action": "join", "name": "Acme"}`
 * - `POST /simulator/night`: a whole night of changes, `{"seed": 2}`
 * - `GET`, `POST`, `DELETE /simulator/faults`: the faults in force; adds one, `{"fault": "html@2"}`; lifts all
 */
export async function answerControl(
  controlled: Controlled,
  request: IncomingMessage,
  url: URL,
): Promise<Answer> {
  const handler = handlers[`${request.method ?? 'GET'} ${url.pathname}`];
  if (handler === undefined) {
    return failure(404, `expected one of: ${Object.keys(handlers).join('; ')}`);
  }
  const body = await text(request);
  try {
    return { status: 200, json: handler(controlled, body === '' ? {} : JSON.parse(body)) };
  } catch (error) {
    if (error instanceof z.ZodError) return failure(400, z.prettifyError(error));
    return failure(400, error instanceof Error ? error.message : String(error));
  }
}

function failure(status: number, error: string): Answer {
  return { status, json: { error } };
}

function describePrincipal({
  name,
  userId,
  email,
  apiToken,
  apiKey,
  size,
}: World['principals'][number]): object {
  return { name, userId, email, apiToken, apiKey, organizations: size };
}

/** As JSON can say it, which knows no infinity. */
function describeRule({ on, ...rest }: FaultRule): object {
  return { on: on.times === Infinity ? { ...on, times: '*' } : on, ...rest };
}

function changeMembership(world: World, change: z.infer<typeof membershipChange>): SimulatedMembership {
  const principal = world.principal(change.principal);
  switch (change.action) {
    case 'join':
    case 'invite': {
      const { action, principal: _principal, ...rest } = change;
      return principal.put({ ...rest, status: action === 'join' ? 'member' : 'invited' });
    }
    case 'accept':
      return principal.update(change.id, { status: 'member' });
    case 'leave':
      return principal.remove(change.id);
    case 'expire':
      return principal.remove(change.id, 'expired');
    case 'reject':
      return principal.reject(change.id);
    case 'rename':
      return principal.update(change.id, { name: change.name });
    case 'roles':
      return principal.update(change.id, { roles: change.roles });
    case 'permissions':
      return principal.update(change.id, { permissions: change.permissions });
    case 'status':
      return principal.update(change.id, { status: change.status });
    case 'two-factor':
      return principal.update(change.id, { twoFactorEnforced: change.enforced });
    case 'api-access':
      return principal.update(change.id, { apiAccess: change.enabled });
    case 'policies':
      return principal.update(change.id, { policies: change.policies });
    case 'parent':
      return principal.update(change.id, { parent: change.parent });
  }
}
