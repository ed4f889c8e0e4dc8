import { type SuperAdministratorStep } from './access.ts';

/** What a change is about. An audience may ask for one of them alone. */
export const categories = ['membership', 'invitation'] as const;

/** What a change is about, as `changes.category` and the CSV say it. */
export type Category = (typeof categories)[number];

/** Every kind of change with its category, in the order in which a report tells them: lost access first. */
export const kinds = {
  left: 'membership',
  invitation_replaced_membership: 'invitation',
  status_changed: 'membership',
  roles_changed: 'membership',
  permissions_changed: 'membership',
  policies_changed: 'membership',
  two_factor_changed: 'membership',
  api_access_changed: 'membership',
  parent_changed: 'membership',
  joined: 'membership',
  invitation_accepted: 'invitation',
  invited: 'invitation',
  invitation_changed: 'invitation',
  invitation_gone: 'invitation',
  renamed: 'membership',
} as const satisfies Record<string, Category>;

/** What kind of change it is, as `changes.kind` and the CSV say it. */
export type ChangeKind = keyof typeof kinds;

/** The kinds of {@link kinds}, in its order. */
export const changeKinds = Object.keys(kinds) as readonly ChangeKind[];

/** Why an invitation is gone, as far as it can be told. */
export const goneReasons = ['expired', 'declined', 'withdrawn'] as const;

/** Why an invitation is gone: `withdrawn` is inferred, from an invitation that is no longer listed. */
export type GoneReason = (typeof goneReasons)[number];

/** What a change of a membership is by itself. */
interface Told {
  category: Category;
  kind: ChangeKind;
  organizationId: string;
  /** The name after the change, or the last one known; `null` when the API never gave one. */
  organizationName: string | null;
  /** A status, `absent`, `unknown`, a name, `true` or `false`, or a set joined by `; `, by kind. */
  before: string | null;
  after: string | null;
  /** Roles (for `permissions_changed`: permissions; for `policies_changed`: policies) that the principal has after and not before. */
  added: readonly string[];
  /** Those that it had before and has no more. */
  removed: readonly string[];
  /** The roles that an invitation offers after, or offered before where there is none after. */
  offered: readonly string[];
  /** `null` when nothing happened to that role. */
  superAdministrator: SuperAdministratorStep | null;
}

/** One difference of one membership between two rolls. */
export interface Difference extends Told {
  /** Whether the membership was absent before. */
  came: boolean;
  /** Whether it is absent after. */
  went: boolean;
}

/** One difference between baseline and snapshot, with what is known around it. */
export interface Change extends Told {
  /** `null` for a suspect of a held run, which is not history. */
  id: number | null;
  runId: number;
  baselineRunId: number;
  principal: string;
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
  goneBecause: GoneReason | null;
}
