import { holdsByPolicyAlone, holdsSuperAdministrator } from '../../domain/access.ts';
import { type Membership } from '../../domain/membership.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { visible } from '../../domain/visible.ts';
import { type Content } from '../content.ts';
import { nameOf } from '../names.ts';
import { fitSubject } from '../subject.ts';
import { remarksOn } from '../remarks.ts';
import { standingOf } from '../standing.ts';
import { type ReportedRun } from '../told.ts';
import { type Voice } from '../voice.ts';
import { compareNames, countOrganizations } from '../wording.ts';

/** So many organizations of which a principal is Super Administrator are named. */
const mostNamed = 50;

/** The one notice of a principal's first run: there is nothing to compare with yet, and its reader approves what is normal from now on. */
export function composeBaseline(
  run: ReportedRun,
  { roll, hasFile }: { roll: readonly Membership[]; hasFile: boolean },
  { timezone }: Voice,
): Omit<Content, 'foot'> {
  const { principal } = run;
  const name = visible(principal);
  const organizations = countOrganizations(run.members + run.invited + run.other);
  const held = roll.filter(holdsSuperAdministrator);
  const names = held.map((membership) => nameOf(membership));
  const supers =
    names.length === 0 ? 'Super Administrator of none' : `Super Administrator of ${names.length}`;
  return {
    subject: fitSubject(`${name}: `, [() => `baseline of ${organizations}`, () => supers], { rest: '' }),
    preheader: 'Is this what you expect? From now on a report comes when something has changed.',
    headline: `The first snapshot of ${name}: ${organizations}. Is this what you expect?`,
    alert: null,
    steps: [
      {
        text: `What is there now is normal from now on. All of it is ${hasFile ? 'in the CSV, and here' : 'here; it is too large for a mail'}`,
        command: `members --principal ${shellWord(principal)}`,
        href: null,
      },
    ],
    paragraphs: [
      standingOf(run),
      [describeHeld(name, names, hasFile), ...describePolicies(held, hasFile)].join(' '),
      ...describeUnknown(roll),
    ],
    sections: [],
    notes: [...remarksOn(run, timezone), 'From now on a report comes when something has changed.'],
  };
}

function describeHeld(principal: string, names: readonly string[], hasFile: boolean): string {
  if (names.length === 0) return `${principal} is Super Administrator of none of them.`;
  return `${principal} is Super Administrator of ${names.length}: ${listNames(names, hasFile)}.`;
}

/** A policy is easily overlooked where people look at roles. */
function describePolicies(held: readonly Membership[], hasFile: boolean): string[] {
  const names = held.filter(holdsByPolicyAlone).map((membership) => nameOf(membership));
  if (names.length === 0) return [];
  if (names.length === held.length) return ['That is by a policy, and by no role.'];
  return [`Of ${names.length} it is so by a policy, and by no role: ${listNames(names, hasFile)}.`];
}

function listNames(names: readonly string[], hasFile: boolean): string {
  const told = names.toSorted(compareNames).slice(0, mostNamed);
  const more = names.length - told.length;
  return new Intl.ListFormat('en').format([
    ...told,
    ...(more === 0 ? [] : [`${more} more${hasFile ? ', in the CSV' : ''}`]),
  ]);
}

/** Of what was not told nobody should approve that it is nothing. */
function describeUnknown(roll: readonly Membership[]): string[] {
  const unknown = roll.filter(({ status, roles }) => status !== 'invited' && roles === null).length;
  return unknown === 0 ? [] : [`Of ${countOrganizations(unknown)} Cloudflare told no roles.`];
}
