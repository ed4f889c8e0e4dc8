import { type ReportedRun } from './told.ts';

/** What a reader has to know of a run besides its changes: nothing, on most nights. */
export function remarksOn({ identityChecked, missedRuns, releasedRunIds }: ReportedRun): string[] {
  return [
    ...(identityChecked
      ? []
      : [
          'Identity was not checked: the credentials may not read GET /user, so Cloudflare did not say which user answered.',
        ]),
    ...(missedRuns === 0
      ? []
      : [
          missedRuns === 1
            ? 'One run in between did not complete, so the window is wider than usual.'
            : `${missedRuns} runs in between did not complete, so the window is wider than usual.`,
        ]),
    ...releasedRunIds.map(
      (id) =>
        `Run ${id} was held for losing too much. This one is within the thresholds: the hold is released.`,
    ),
  ];
}
