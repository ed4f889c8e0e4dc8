import { type Answer, refused } from './answers.ts';
import { type Endpoint } from './endpoints.ts';

/** What every path of the API begins with. */
export const basePath = '/client/v4';

/** Where a request leads: to an endpoint, with the id of its path if it has one, or to an answer that refuses it. */
export type Route = { readonly endpoint: Endpoint; readonly id: string } | { readonly answer: Answer };

const paths: readonly { pattern: RegExp; methods: Readonly<Record<string, Endpoint>> }[] = [
  { pattern: /^\/user$/, methods: { GET: 'user' } },
  { pattern: /^\/user\/invites$/, methods: { GET: 'invites' } },
  { pattern: /^\/user\/organizations$/, methods: { GET: 'list' } },
  { pattern: /^\/user\/organizations\/([^/]+)$/, methods: { GET: 'details', DELETE: 'leave' } },
  { pattern: /^\/memberships$/, methods: { GET: 'memberships' } },
  {
    pattern: /^\/memberships\/([^/]+)$/,
    methods: { GET: 'membership', PUT: 'update-membership', DELETE: 'delete-membership' },
  },
];

/** Finds the endpoint of a method and a whole path. */
export function findRoute(method: string, path: string): Route {
  const below = path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : '';
  for (const { pattern, methods } of paths) {
    const match = pattern.exec(below);
    if (match === null) continue;
    const endpoint = methods[method];
    const id = match[1];
    if (id !== undefined && !/^[0-9a-f]{32}$/.test(id)) return { answer: malformedId(path) };
    if (endpoint === undefined) return { answer: wrongMethod() };
    return { endpoint, id: id ?? '' };
  }
  return { answer: noRoute() };
}

function noRoute(): Answer {
  return refused(404, { code: 7000, message: 'No route for that URI' });
}

function malformedId(path: string): Answer {
  return refused(404, {
    code: 7003,
    message: `Could not route to ${path}, perhaps your object identifier is invalid?`,
  });
}

function wrongMethod(): Answer {
  return refused(405, { code: 10405, message: 'Method not allowed' });
}
