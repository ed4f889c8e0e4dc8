import { Secret } from '../domain/secret.ts';

/** So many that one place held are known; of one that changes at each run, those of the last nights. */
const keptOfEach = 10;

const keptByPlace = new Map<string, readonly Secret[]>();
let kept: readonly Secret[] = [];

/**
 * Keeps what was read as a secret: from now on this process tells it to nobody, whatever stands in its place later.
 * `place` is where it was read, such as `OPS_BOT_TOKEN_FILE`.
 */
export function keepSecret(place: string, text: string): Secret {
  const before = keptByPlace.get(place) ?? [];
  const known = before.find((secret) => secret.reveal() === text);
  if (known !== undefined) return known;
  const secret = new Secret(text);
  keptByPlace.set(place, [...before.slice(1 - keptOfEach), secret]);
  kept = [...keptByPlace.values()].flat();
  return secret;
}

/** What {@link keepSecret} kept: the same list for as long as nothing new was read. */
export function listKeptSecrets(): readonly Secret[] {
  return kept;
}
