import * as z from 'zod';
import { nothingKnown, storableText } from '../../domain/membership.ts';
import { sourcePaths } from '../../domain/run.ts';
import {
  detail,
  identifierSchema,
  isIdentifier,
  isListOfText,
  listPageSchema,
  setOfNames,
} from '../schema.ts';
import { defineSource } from './source.ts';

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
type Organization = z.output<typeof organizationSchema>;

/** Whether {@link organizationSchema} would change nothing in this, but for the fields that it does not know. */
function isPlain(row: unknown): row is Organization {
  if (typeof row !== 'object' || row === null) return false;
  const { id, name, status, roles, permissions } = row as Record<string, unknown>;
  return (
    isIdentifier(id) &&
    typeof name === 'string' &&
    typeof status === 'string' &&
    isListOfText(roles) &&
    isListOfText(permissions)
  );
}

/** A page of the list. */
export const organizationsPageSchema = listPageSchema(organizationSchema, isPlain);

/** `GET /user/organizations`: Enterprise only, and deprecated since 2020. */
export const organizationsSource = defineSource({
  path: sourcePaths.organizations,
  page: organizationsPageSchema,
  toRow: ({ id, name, status, roles, permissions }, interning) => ({
    id,
    membership: {
      ...nothingKnown,
      organizationId: id,
      organizationName: name == null ? null : storableText(name),
      status: status == null ? null : storableText(status),
      roles: roles === null ? null : interning.setOf(roles),
      permissions: permissions === null ? null : interning.setOf(permissions),
    },
    isDeclined: false,
  }),
});
