import { isIdentifier, isListOfText } from '../schema.ts';

/**
 * Whether all of a membership that is read of it is as described, or left out where it may be: most are, and to find that
 * out takes less than to parse them.
 */
export function isPlainMembership(row: unknown): boolean {
  if (!isObject(row)) return false;
  const { id, account, status, roles, permissions, policies, api_access_enabled: apiAccess } = row;
  return (
    isIdentifier(id) &&
    isPlainAccount(account) &&
    typeof status === 'string' &&
    isListOfText(roles) &&
    isObject(permissions) &&
    Object.values(permissions).every(isPlainResource) &&
    (policies === undefined || isListOf(policies, isPlainPolicy)) &&
    isFlagOrUnknown(apiAccess)
  );
}

function isPlainAccount(account: unknown): boolean {
  if (!isObject(account)) return false;
  const { id, name, settings = {}, managed_by: parent = {} } = account;
  return (
    isIdentifier(id) &&
    typeof name === 'string' &&
    isObject(settings) &&
    isFlagOrUnknown(settings['enforce_twofactor']) &&
    isObject(parent) &&
    isTextOrLeftOut(parent['parent_org_id']) &&
    isTextOrLeftOut(parent['parent_org_name'])
  );
}

function isPlainResource(resource: unknown): boolean {
  return (
    isObject(resource) && typeof resource['read'] === 'boolean' && typeof resource['write'] === 'boolean'
  );
}

function isPlainPolicy(policy: unknown): boolean {
  return (
    isObject(policy) &&
    typeof policy['access'] === 'string' &&
    isListOf(policy['permission_groups'], isPlainGroup) &&
    isListOf(policy['resource_groups'], isPlainResourceGroup)
  );
}

function isPlainGroup(group: unknown): group is Record<string, unknown> {
  return isObject(group) && isTextOrLeftOut(group['id']) && isTextOrLeftOut(group['name']);
}

function isPlainResourceGroup(group: unknown): boolean {
  if (!isPlainGroup(group)) return false;
  const { scope } = group;
  return isObject(scope) && typeof scope['key'] === 'string' && isListOf(scope['objects'], isPlainObject);
}

function isPlainObject(object: unknown): boolean {
  return isObject(object) && typeof object['key'] === 'string';
}

function isListOf(values: unknown, isPlain: (value: unknown) => boolean): boolean {
  return Array.isArray(values) && values.every(isPlain);
}

/** `null` is what the API sends of an account that is not enterprise, or of a setting that nobody set. */
function isFlagOrUnknown(value: unknown): boolean {
  return value == null || typeof value === 'boolean';
}

function isTextOrLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
