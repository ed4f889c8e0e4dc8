/** An invitation as `GET /user/invites` tells it; `null` where it does not say. */
export interface Invitation {
  id: string;
  organizationId: string;
  /** The email address of who sent it. */
  invitedBy: string | null;
  invitedOn: Date | null;
  expiresOn: Date | null;
  /** `pending`, `accepted`, `rejected`, `expired`, or one that this version does not know. */
  status: string | null;
}

/** An invitation that the principal declined, as `/memberships` lists it. */
export interface DeclinedInvitation {
  /** Of the membership that it offered. */
  membershipId: string;
  organizationId: string;
}
