import { type IncomingHttpHeaders } from 'node:http';
import { type Answer, found, refused, unknownMember } from './answers.ts';
import { authenticate, type Caller } from './credentials.ts';
import { type Endpoint, type ListEndpoint } from './endpoints.ts';
import { listPage, type OrderedRows, turnSets, type Window, windowOf } from './listing.ts';
import { deleteMembership, getMembership, updateMembership } from './memberships.ts';
import { readListParameters } from './parameters.ts';
import { type RateLimit } from './rate-limit.ts';
import { type Route } from './routes.ts';
import { type World } from './world.ts';

/** What the API answers from. */
export interface Api {
  readonly world: World;
  readonly rows: OrderedRows;
  readonly rateLimit: RateLimit;
}

/** A request as the API sees it. */
export interface ApiRequest {
  readonly route: Route;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The text that came with the request; empty where its endpoint takes none. */
  readonly body: string;
  /** The number of the request: whatever the API leaves without an order is ordered by it. */
  readonly turn: number;
  /** Serves other rows than were asked for, where a fault wants that. */
  readonly moveWindow: (window: Window) => Window;
}

type Asked = ApiRequest & { readonly caller: Caller };

/** Answers one request as Cloudflare would: the route first, then the credentials, the limit, and the matter itself. */
export function answerRequest(api: Api, request: ApiRequest): Answer {
  const { route } = request;
  if ('answer' in route) return withHeaders(route.answer, api.rateLimit.count(null).headers);
  const caller = authenticate(api.world, request.headers);
  if (!('principal' in caller)) return withHeaders(caller, api.rateLimit.count(null).headers);
  const { headers, refusal } = api.rateLimit.count(caller.principal.userId);
  const answer = refusal ?? forbidden(caller, route.endpoint) ?? serve(api, { ...request, caller }, route);
  return withHeaders(answer, headers);
}

function withHeaders(answer: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

function forbidden({ principal, by }: Caller, endpoint: Endpoint): Answer | null {
  if (by === 'key' || principal.tokenMay[endpoint]) return null;
  if (endpoint === 'user' || endpoint === 'invites') {
    return refused(403, { code: 9109, message: 'Unauthorized to access requested resource' });
  }
  return refused(403, { code: 10000, message: 'Authentication error' });
}

function serve(api: Api, asked: Asked, { endpoint, id }: Exclude<Route, { answer: Answer }>): Answer {
  switch (endpoint) {
    case 'list':
    case 'memberships':
      return list(api, asked, endpoint);
    case 'details':
      return details(asked, id);
    case 'leave':
      return leave(asked, id);
    case 'user':
      return user(asked);
    case 'invites':
      return invites(asked);
    case 'membership':
      return getMembership(asked.caller.principal, { id, turn: asked.turn });
    case 'update-membership':
      return updateMembership(asked.caller.principal, { id, turn: asked.turn, body: asked.body });
    case 'delete-membership':
      return deleteMembership(asked.caller.principal, id);
  }
}

function list(
  { rows }: Api,
  { caller: { principal }, query, turn, moveWindow }: Asked,
  endpoint: ListEndpoint,
): Answer {
  const parameters = readListParameters(endpoint, query);
  if ('status' in parameters) return parameters;
  const window = moveWindow(windowOf(parameters));
  const total = principal.rows(endpoint).length;
  return listPage(rows.of(principal, parameters, turn), { window, turn, total });
}

function details({ caller: { principal }, turn }: Asked, id: string): Answer {
  const membership = principal.membership(id);
  if (membership === undefined) return unknownMember();
  return found(turnSets(principal.row('list', membership), turn));
}

/** By the schema the answer is a bare `{"id": …}`, without an envelope. An invitation that is left is declined. */
function leave({ caller: { principal } }: Asked, id: string): Answer {
  if (principal.membership(id) === undefined) return unknownMember();
  principal.remove(id, 'rejected');
  return { status: 200, json: { id } };
}

function user({ caller: { principal }, turn }: Asked): Answer {
  return found({
    id: principal.userId,
    email: principal.email,
    username: principal.name,
    first_name: null,
    last_name: null,
    telephone: null,
    country: null,
    zipcode: null,
    two_factor_authentication_enabled: true,
    suspended: false,
    organizations: principal.listed.map((organization) => turnSets(organization, turn)),
  });
}

function invites({ caller: { principal } }: Asked): Answer {
  return found(
    principal.invitations.map((invitation) => {
      const membership = principal.lastKnown(invitation.organizationId);
      return {
        id: invitation.id,
        invited_member_id: principal.userId,
        invited_member_email: principal.email,
        organization_id: invitation.organizationId,
        organization_name: membership?.name,
        organization_is_enforcing_twofactor: false,
        roles: membership?.roles ?? [],
        invited_by: invitation.invitedBy,
        invited_on: invitation.invitedOn.toISOString(),
        expires_on: invitation.expiresOn.toISOString(),
        status: invitation.status,
      };
    }),
  );
}
