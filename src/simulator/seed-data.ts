import { type Random } from './random.ts';

const firstWords = [
  ...'Acme Northwind Contoso Globex Initech Umbra Fabrikam Tailspin Wingtip Harbor Juniper Meridian'.split(
    ' ',
  ),
  ...'Pinecrest Redwood Silverline Lantern Øresund Żubr Ñandú İstanbul 株式会社サンプル 深圳示例 Пример'.split(
    ' ',
  ),
  ...['Blue Heron', 'Müller & Söhne', 'Café Olé', 'Société Générique', 'شركة المثال', 'דוגמה', '예시'],
];
const secondWords = [
  ...'Retail Logistics Health Media Games Foods Airways Energy Capital Robotics Travel'.split(' '),
  ...'Insurance Publishing Telecom Labs Studios Outfitters'.split(' '),
];
const endings = ['', '', '', ', Inc.', ' GmbH', ' S.A.', ' Ltd', ' "Global"', ' 🚀', " (Europe; don't use)"];

const roleSets = [
  ['Super Administrator - All Privileges'],
  ['All Privileges - Super Administrator'],
  ['Administrator'],
  ['Administrator', 'Billing'],
  ['Administrator Read Only'],
  ['Administrator Read Only', 'Analytics'],
  ['Analytics'],
  ['Billing'],
  ['Cloudflare Access'],
  ['Cloudflare Access', 'DNS', 'Firewall'],
  ['DNS'],
  ['Cache Purge', 'Cloudflare Stream'],
];

const areas = [
  ...'access analytics app auditlogs billing cache_purge dns_records lb logs member organization'.split(' '),
  ...'ssl stream subscription waf worker zone zone_settings'.split(' '),
];

/** Roles as Cloudflare names them, one by one. Super Administrator is spelled in both ways that are seen. */
export const knownRoles: readonly string[] = [...new Set(roleSets.flat())];

/** The name of one organization, as varied as customers are: scripts, emoji, quotes and commas. Not unique. */
export function organizationName(random: Random): string {
  const number = random.next() < 0.3 ? ` ${random.below(90) + 10}` : '';
  return `${random.pick(firstWords)} ${random.pick(secondWords)}${number}${random.pick(endings)}`;
}

/** Roles that go together. */
export function someRoles(random: Random): readonly string[] {
  return random.pick(roleSets);
}

/** Between three and eight areas that may be read, some of which may be edited too; `#zones:read` is always there. */
export function somePermissions(random: Random): readonly string[] {
  const granted = random.sample(areas, 2 + random.below(6)).flatMap((area) => {
    return random.next() < 0.4 ? [`#${area}:read`, `#${area}:edit`] : [`#${area}:read`];
  });
  return ['#zones:read', ...granted];
}

/** Who sends an invitation: somebody of the organization that invites. */
export function inviterOf(organizationId: string): string {
  return `owner@${organizationId.slice(0, 8)}.example`;
}
