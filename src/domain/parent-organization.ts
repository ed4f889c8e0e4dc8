/** The organization above another, as the API tells it. */
export interface ParentOrganization {
  id: string;
  /** `null` where the API gives none. */
  name: string | null;
}

/** `Acme Group (4536bcfa…)`: the name, and the id that it is known by; `none` where there is no parent. */
export function parentText(parent: ParentOrganization | null): string {
  if (parent === null) return noParent;
  return parent.name === null || parent.name === '' ? parent.id : `${parent.name} (${parent.id})`;
}

/** What stands for no parent. */
export const noParent = 'none';

/** The name in a text of {@link parentText}; the id of one without a name. */
export function parentNameIn(text: string): string {
  return /^(.+) \([^()\s]+\)$/s.exec(text)?.[1] ?? text;
}

/** The id in a text of {@link parentText}: names change, and one that the API leaves out is no other parent. */
export function parentIdIn(text: string): string {
  return /\(([^()\s]+)\)$/.exec(text)?.[1] ?? text;
}
