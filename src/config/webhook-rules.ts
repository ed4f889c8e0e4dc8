import * as z from 'zod';
import { isThisMachine } from '../domain/this-machine.ts';
import { signingKeyOf, webhookFormats } from '../domain/webhook.ts';

const notShown = 'its value is not shown';

/** Where a webhook is: `https://`, or on this machine. */
export const webhookUrlRule = z
  .string()
  .refine(
    (text) => ['https:', 'http:'].includes(URL.parse(text)?.protocol ?? ''),
    `expected a URL such as https://hooks.example.com/path; ${notShown}`,
  )
  .refine((text) => {
    const url = URL.parse(text);
    return url?.protocol !== 'http:' || isThisMachine(url.hostname);
  }, `expected https://, for whoever reads it on the way could post too; ${notShown}`)
  .refine((text) => {
    const { username = '', password = '', hash = '' } = URL.parse(text) ?? {};
    return username + password + hash === '';
  }, `expected a URL without user, password or #; ${notShown}`);

/** What requests are signed with, as standardwebhooks.com has it. */
export const webhookSecretRule = z
  .string()
  .refine(
    (text) => signingKeyOf(text) !== null,
    `expected whsec_ and the base64 of 24 to 64 bytes, as of \`openssl rand -base64 32\`; ${notShown}`,
  );

const path = z.string().min(1, 'expected a path');

/** What an entry of `reports` says of a webhook. Whether it goes together is not checked yet. */
export const webhookShape = {
  webhook: webhookUrlRule.optional().meta({
    description:
      'a URL that reports are posted to, in place of to; a secret, so better as ${NAME} than as text',
  }),
  webhookFile: path.optional().meta({ description: 'a file that holds the URL' }),
  secret: webhookSecretRule.optional().meta({
    description:
      'what requests to the webhook are signed with: whsec_ and base64; better as ${NAME} than as text',
  }),
  secretFile: path.optional().meta({ description: 'a file that holds the secret' }),
  format: z
    .enum(webhookFormats)
    .optional()
    .meta({ description: 'what the webhook gets: json, signed, or slack; default json' }),
};
