import * as z from 'zod';

// Cloudflare's answers as far as rollcall uses them. By the published schema no field of an organization is required.

/**
 * A set of which one name is `null` is not known as a whole, and so is `null` itself: without that name it would look as
 * if a role or permission had been taken away.
 */
const setOfNames = z
  .array(z.string().nullable())
  .nullish()
  .transform((names = null) => (names?.every((name) => name !== null) === true ? names : null));

/** What is worth knowing and nothing more; what is no text is unknown. */
const detail = z.string().nullish().catch(null);

/** Of an organization, a user or an invitation: what a database can hold and index, and a line can carry. */
const identifier = /^[\x21-\x7e]{1,64}$/;

const identifierSchema = z.string().regex(identifier, 'expected an identifier');

/**
 * One organization of the list. Only its id is required. A name that is no text is unknown, for a name is not worth a
 * night; status, roles and permissions say what the principal may do, and are.
 */
export const organizationSchema = z.object({
  id: identifierSchema,
  name: detail,
  status: z.string().nullish(),
  roles: setOfNames,
  permissions: setOfNames,
});

/** An organization as the list tells it; what is `null` or left out is unknown. */
export type Organization = z.output<typeof organizationSchema>;

const organizationsSchema = z.array(organizationSchema);

/**
 * Organizations of which none needs a second look are taken as they are: over the names of their roles and permissions
 * zod takes longer than JSON does to parse the page.
 */
const organizations = z
  .unknown()
  .optional()
  .transform((rows, context): Organization[] => {
    if (Array.isArray(rows) && rows.every(isPlain)) return rows;
    const { data, error } = organizationsSchema.safeParse(rows);
    for (const { message, path } of error?.issues ?? []) context.addIssue({ code: 'custom', message, path });
    return data ?? [];
  });

/** Whether {@link organizationSchema} would change nothing in this, but for the fields that it does not know. */
function isPlain(row: unknown): row is Organization {
  if (typeof row !== 'object' || row === null) return false;
  const { id, name, status, roles, permissions } = row as Record<string, unknown>;
  return (
    typeof id === 'string' &&
    identifier.test(id) &&
    typeof name === 'string' &&
    typeof status === 'string' &&
    isListOfText(roles) &&
    isListOfText(permissions)
  );
}

function isListOfText(names: unknown): names is string[] {
  return Array.isArray(names) && names.every((name) => typeof name === 'string');
}

/** A page of the list. `count` is left out on purpose: it has been wrong in live answers. */
export const listPageSchema = z.object({
  success: z.literal(true),
  result: organizations,
  result_info: z
    .object({
      page: z.number().int().nullish(),
      per_page: z.number().int().nullish(),
      total_count: z.number().int().nonnegative().nullish(),
    })
    .nullish(),
});

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
export function isIdentifier(text: string): boolean {
  return identifier.test(text);
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
