export const categories = ['membership', 'invitation'] as const;
export type Category = (typeof categories)[number];

/** Every kind of change, in the order in which a report tells them: lost access first. */
export const changeKinds = [
  'left',
  'invitation_replaced_membership',
  'status_changed',
  'roles_changed',
  'permissions_changed',
  'joined',
  'invitation_accepted',
  'invited',
  'invitation_gone',
  'renamed',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** One difference of one membership between baseline and snapshot. */
export interface Change {
  /** `null` for a suspect of a held run, which is not history. */
  id: number | null;
  runId: number;
  baselineRunId: number;
  principal: string;
  category: Category;
  kind: ChangeKind;
  organizationId: string;
  /** The name after the change, or the last one known; `null` when the API never gave one. */
  organizationName: string | null;
  /** A status, `absent`, `unknown`, a name, or a set joined by `; `, by kind. */
  before: string | null;
  after: string | null;
  /** What the set gained: the roles that it came with, when the membership or invitation itself is new. */
  added: readonly string[];
  /** What the set lost: the roles that went with it, when the membership or invitation itself is gone. */
  removed: readonly string[];
  /** The window in which it happened: the last complete run that did not see it, and the first that did. */
  notBefore: Date;
  notAfter: Date;
  /** The principal had been in this organization before, and was absent in between. */
  returning: boolean;
  /** The principal left by `rollcall organizations leave`: the departure was ours. */
  byUs: boolean;
  /** Of the invitation that it is about: the email address of who sent it; `null` where that is not known. */
  invitedBy: string | null;
  invitedOn: Date | null;
  expiresOn: Date | null;
  /** For an invitation that is gone; `null` where nothing can be told. */
  goneBecause: 'expired' | 'declined' | 'withdrawn' | null;
}
