import { visible } from '../../domain/visible.ts';
import { type AnswerHeaders, isWebPage } from './body.ts';
import { parseRetryAfter, TransientFailure } from './transient.ts';

/** An answer that is not the API's own, for it is no JSON. */
interface ForeignAnswer {
  status: number;
  headers: AnswerHeaders;
  text: string;
}

/**
 * The failure for a page that asks who is there to prove to be no robot, or that turns this machine away: Cloudflare's
 * protection speaks, or a proxy's, and neither knows anything of the credentials. It passes by itself more often than not.
 * `null` for any other answer.
 */
export function challengeOf({ status, headers, text }: ForeignAnswer): TransientFailure | null {
  const isChallenge = headers.get('cf-mitigated')?.trim().toLowerCase() === 'challenge';
  if (!isChallenge && !(status === 403 && isWebPage(text, headers))) return null;
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
  const ray = headers.get('cf-ray');
  const about = ray === null ? '' : `, Ray ID ${visible(ray, 64)}`;
  return isChallenge
    ? new TransientFailure(`${status} with a challenge for browsers${about}`, {
        retryAfterMs,
        remedy: challengeRemedy,
      })
    : new TransientFailure(`${status} with a web page instead of the API's answer${about}`, {
        retryAfterMs,
        remedy: blockRemedy,
      });
}

const challengeRemedy =
  "Cloudflare's bot protection stopped this machine, whatever the credentials: no program passes its challenge. Ask from " +
  'another address (those of VPNs and shared hosts are challenged most), or ask Cloudflare to let this one through.';
const blockRemedy =
  'A firewall or proxy turned this machine away, whatever the credentials: let it through to the API, ask from another ' +
  'address, or correct CLOUDFLARE_BASE_URL if it is set.';
