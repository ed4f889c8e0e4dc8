import * as z from 'zod';

// Cloudflare's answers as far as rollcall uses them. By the published schema no field of an organization is required.

/**
 * A set of which one name is `null` is not known as a whole, and so is `null` itself: without that name it would look as
 * if a role or permission had been taken away.
 */
export const setOfNames = z
  .array(z.string().nullable())
  .nullish()
  .transform((names = null) => (names?.every((name) => name !== null) === true ? names : null));

/** What is worth knowing and nothing more; what is no text is unknown. */
export const detail = z.string().nullish().catch(null);

/** Of an organization, a user or an invitation: what a database can hold and index, and a line can carry. */
const identifier = /^[\x21-\x7e]{1,64}$/;

/** What {@link isIdentifier} holds of. */
export const identifierSchema = z.string().regex(identifier, 'expected an identifier');

/** What a page of a list says of itself. `count` is left out on purpose: it has been wrong in live answers. */
const resultInfo = z
  .object({
    page: z.number().int().nullish(),
    per_page: z.number().int().nullish(),
    total_count: z.number().int().nonnegative().nullish(),
  })
  .nullish();

/** A page of a list of such items. Items for which `isPlain` holds are taken as they are: zod takes longer than JSON does to parse them. */
export function listPageSchema<Item>(item: z.ZodType<Item>, isPlain: (row: unknown) => row is Item) {
  const items = z.array(item);
  const result = z
    .unknown()
    .optional()
    .transform((rows, context): Item[] => {
      if (Array.isArray(rows) && rows.every(isPlain)) return rows;
      const { data, error } = items.safeParse(rows);
      for (const { message, path } of error?.issues ?? [])
        context.addIssue({ code: 'custom', message, path });
      return data ?? [];
    });
  return z.object({ success: z.literal(true), result, result_info: resultInfo });
}

/** The answer about one organization, whatever its fields: the published schema leaves them open. */
export const detailsSchema = z.object({
  success: z.literal(true),
  result: z.record(z.string(), z.unknown()),
});

/** The id that was left. By the schema a bare `{"id": …}`; the enveloped form is accepted too. */
export const leaveSchema = z.union([
  z.object({ id: z.string() }).transform(({ id }) => id),
  z
    .object({ success: z.literal(true), result: z.object({ id: z.string() }) })
    .transform(({ result }) => result.id),
]);

/** The answer of `GET /user`, of which the id alone is read, and checked by {@link isIdentifier}. */
export const userSchema = z.object({ success: z.literal(true), result: z.object({ id: z.string().min(1) }) });

/** Whether this can be an id. */
export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && identifier.test(value);
}

/** Whether this is a list of texts and nothing else. */
export function isListOfText(values: unknown): values is string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}

/**
 * The answer of `GET /user/invites`. Only the two ids are required, of each: without them an invitation would look as if
 * it had been withdrawn.
 */
export const invitesSchema = z.object({
  success: z.literal(true),
  result: z.array(
    z.object({
      id: identifierSchema,
      organization_id: identifierSchema,
      invited_by: detail,
      invited_on: detail,
      expires_on: detail,
      status: detail,
    }),
  ),
});
