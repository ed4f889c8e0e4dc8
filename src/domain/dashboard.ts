/** What Cloudflare's ids look like: nothing else is made a link of. */
const id = /^[0-9a-f]{32}$/;

/** The page of an organization's members at Cloudflare's dashboard; `null` for what is no id. An organization's is its account's. */
export function membersPage(organizationId: string): string | null {
  return id.test(organizationId) ? `https://dash.cloudflare.com/${organizationId}/members` : null;
}
