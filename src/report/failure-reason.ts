import { type ErrorCode } from '../domain/errors.ts';
import { type FailedRun } from './told.ts';

/** Why there is no snapshot: in a few words, and as a sentence goes on behind a colon. */
interface Reason {
  short: string;
  sentence: string;
}

const reasons: Readonly<Partial<Record<ErrorCode, Reason>>> = {
  not_permitted: {
    short: 'permission missing',
    sentence: 'Cloudflare does not permit it to these credentials',
  },
  not_found: { short: 'endpoint not found', sentence: 'Cloudflare does not know the endpoint' },
  ended: { short: 'endpoint ended', sentence: 'Cloudflare serves the endpoint to this user no more' },
  refused: { short: 'answer not accepted', sentence: 'the answer could not be accepted' },
  unavailable: { short: 'Cloudflare not reached', sentence: 'no usable answer came from Cloudflare' },
  database: { short: 'database failed', sentence: 'the database failed' },
  configuration: { short: 'configuration wrong', sentence: 'the configuration is wrong' },
};

const states: Readonly<Record<FailedRun['state'], Reason>> = {
  incomplete: { short: 'listing incomplete', sentence: 'the listing did not add up' },
  timed_out: { short: 'timed out', sentence: 'the run took too long' },
  failed: { short: 'run failed', sentence: 'the run failed' },
};

type Told = Pick<FailedRun, 'code' | 'state' | 'error' | 'requests'>;

/** Why a run came to no snapshot, for somebody who reads no more than this. */
export function reasonOf({ code, state, error, requests }: Told): Reason {
  if (code === 'credentials' && requests === 0) {
    return { short: 'credentials not usable', sentence: 'the credentials cannot be used' };
  }
  if (code === 'credentials') {
    const what = /(?:no|this) Global API Key|places with the key/.test(error) ? 'API key' : 'token';
    return { short: `${what} refused`, sentence: `Cloudflare refused the ${what}` };
  }
  return (code === null ? undefined : reasons[code]) ?? states[state];
}
