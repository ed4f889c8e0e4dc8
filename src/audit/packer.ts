import { namesSuperAdministrator } from '../domain/access.ts';
import { superAdministratorByPolicy } from '../domain/access-lines.ts';
import { visible } from '../domain/visible.ts';
import { type PageData, type Timeline } from './data.ts';

/** No text of a page is longer; a stranger chooses it. */
const longestText = 1_000;

/** Gives numbers to what a page tells, the same number to the same. */
export interface Packer {
  /** A text from outside, as it may be shown; -1 for none. */
  text: (text: string | null) => number;
  set: (texts: readonly string[]) => number;
  organization: (organization: { organizationId: string; organizationName: string | null }) => number;
  timeline: (timeline: Timeline) => number;
  packed: () => Pick<PageData, 'texts' | 'grave' | 'sets' | 'organizations' | 'timelines'>;
}

/** A packer that has nothing yet. */
export function createPacker(): Packer {
  const texts = numbering<string>();
  const grave = new Set<number>();
  const sets = numbering<readonly number[]>();
  const organizations = numbering<readonly [number, number]>();
  const timelines: Timeline[] = [];
  const text = (given: string | null) => {
    if (given === null) return -1;
    const shown = visible(given, longestText);
    const number = texts.numberOf(shown, shown);
    if (isGrave(given)) grave.add(number);
    return number;
  };
  return {
    text,
    set(given) {
      const numbers = given.map(text);
      return sets.numberOf(numbers.join(' '), numbers);
    },
    organization({ organizationId, organizationName }) {
      const isNamed = organizationName !== null && organizationName.trim() !== '';
      const pair = [text(organizationId), isNamed ? text(organizationName) : -1] as const;
      return organizations.numberOf(pair.join(' '), pair);
    },
    timeline: (timeline) => timelines.push(timeline) - 1,
    packed: () => ({
      texts: texts.all,
      grave: [...grave],
      sets: sets.all,
      organizations: organizations.all,
      timelines,
    }),
  };
}

/** Whether it is that role or a policy that allows it, by itself or behind the sign of a line. */
function isGrave(text: string): boolean {
  const line = text.replace(/^(?:[−+]|offer:) /, '');
  return line === superAdministratorByPolicy || namesSuperAdministrator({ roles: [line], policies: [line] });
}

function numbering<T>() {
  const numbers = new Map<string, number>();
  const all: T[] = [];
  return {
    all,
    numberOf(key: string, value: T): number {
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, all.length);
      return all.push(value) - 1;
    },
  };
}
