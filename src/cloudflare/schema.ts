import { z } from 'zod';

// Cloudflare's answers as far as rollcall uses them. By the published schema no field of an organization is required.

/**
 * A set of which one name is `null` is not known as a whole, and so is `null` itself: without that name it would look as
 * if a role or permission had been taken away.
 */
const setOfNames = z
  .array(z.string().nullable())
  .nullish()
  .transform((names = null) => (names?.every((name) => name !== null) === true ? names : null));

export const organizationSchema = z.object({
  id: z.string().regex(/^[\x21-\x7e]{1,64}$/, 'expected an identifier'),
  name: z.string().nullish(),
  status: z.string().nullish(),
  roles: setOfNames,
  permissions: setOfNames,
});

/** A page of the list. `count` is left out on purpose: it has been wrong in live answers. */
export const listPageSchema = z.object({
  success: z.literal(true),
  result: z.array(organizationSchema),
  result_info: z
    .object({
      page: z.number().int().nullish(),
      per_page: z.number().int().nullish(),
      total_count: z.number().int().nonnegative().nullish(),
    })
    .nullish(),
});

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

export const userSchema = z.object({ success: z.literal(true), result: z.object({ id: z.string().min(1) }) });

export const invitesSchema = z.object({
  success: z.literal(true),
  result: z.array(
    z.object({
      id: z.string(),
      organization_id: z.string(),
      invited_by: z.string().nullish(),
      invited_on: z.string().nullish(),
      expires_on: z.string().nullish(),
      status: z.string().nullish(),
    }),
  ),
});
