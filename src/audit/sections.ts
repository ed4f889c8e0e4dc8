/** A section of the page that holds a table. */
export interface Section {
  /** The table's id. */
  id: string;
  title: string;
  /** What a reader has to know to read it. */
  intro: string;
  /** What to say instead of an empty table. */
  whenEmpty: string;
}

/** The sections in the order of the page. `isPast`: the period ended before the page was made. */
export function describeSections({ isPast }: { isPast: boolean }): Section[] {
  const then = isPast ? 'at the end of the period' : 'now';
  return [
    {
      id: 'super-administrators',
      title: 'Super Administrators over time',
      intro:
        'Every stretch in which a membership held Super Administrator, by a role or by a policy that allows it: from the run that first saw it to the run that no longer did.',
      whenEmpty: 'Nobody held Super Administrator.',
    },
    {
      id: 'invitations',
      title: `Invitations pending ${then}`,
      intro:
        'An invitation offers its roles and gives none. Days count from when it was sent, or else first seen.',
      whenEmpty: `No invitation is pending ${then}.`,
    },
    {
      id: 'roll',
      title: `The roll ${then}`,
      intro: 'Who holds what where: every membership as the newest complete run saw it.',
      whenEmpty: `No memberships ${then}.`,
    },
    {
      id: 'changes',
      title: 'Changes',
      intro:
        'Each change happened between two instants: “not before”, when the last complete run that did not see it began, and “seen”. A minus says what the principal may do no more, a plus what it may do since.',
      whenEmpty: 'Nothing changed.',
    },
    {
      id: 'timelines',
      title: 'Timelines',
      intro:
        'Every membership that there was in the period. Dashed stretches were not observed: what is unobserved is not unchanged.',
      whenEmpty: 'There were no memberships.',
    },
    {
      id: 'gaps',
      title: 'Not observed',
      intro:
        'Stretches between two complete runs in which a run ended without a snapshot, or that were more than one and a half times as long as usual: a failed or a missing night.',
      whenEmpty: 'No gaps: every night was observed.',
    },
    {
      id: 'runs',
      title: 'Runs',
      intro: 'Every run of the period. Each complete one extends the chain of its principal.',
      whenEmpty: 'There were no runs.',
    },
  ];
}
