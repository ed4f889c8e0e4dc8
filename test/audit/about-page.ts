import { type AboutPage } from '../../src/audit/page.ts';
import { inventedEnd } from './invented-history.ts';

/** A page of all principals and of the whole history. */
export const aboutPage: AboutPage = {
  since: null,
  end: inventedEnd,
  madeAt: inventedEnd,
  isPast: false,
  principal: null,
  version: '0.1.0',
  command: 'npx --no rollcall',
};
