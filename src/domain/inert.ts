import { visible } from './visible.ts';

/** What a name on the net is made of; the signs are letters of one as much as those of scripts are. */
const part = String.raw`(?:[^\s\p{P}\p{Z}]|[_-])`;

/**
 * The dot of a name on the net, and what a browser takes for one; the @ of an address, or of somebody who is named. No name
 * on the net ends in one letter: companies do, as in "Acme S.A.", and stay as they are.
 */
const joint = String.raw`(?<=${part})[.\u3002\uFF0E\uFF61](?=\p{N}|${part}{2})|[@\uFF20](?=${part})`;

/** The schemes that need no slashes behind them. */
const schemes = 'callto|data|facetime|file|geo|javascript|magnet|mailto|news|sips?|skype|sms|tel|xmpp';

/** All that a mail program would make a link of: the slashes before a host, the colon of a scheme, and a joint. */
const linking = new RegExp(String.raw`:?[/\\]{2}(?=\S)|(?<=\b(?:${schemes})):(?=\S)|${joint}`, 'giu');

/**
 * Text from outside as it may stand in a mail: {@link visible}, and nothing that a mail program would make a link of. What
 * would be one reads `http[://]phish[.]example`, as people write an address that nobody should follow. A stranger chooses an
 * organization's name, and a link in our mail is one that readers trust. A backtick, between which our texts have what is to be
 * typed, becomes an apostrophe.
 */
export function inert(text: string, longest?: number): string {
  return visible(text, longest).replaceAll(linking, '[$&]').replaceAll('`', "'");
}
