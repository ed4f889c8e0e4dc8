import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { organizationSchema, organizationsPageSchema } from '../../src/cloudflare/sources/organizations.ts';

describe('a page of the list', () => {
  const text = fc.constantFrom('a', 'member', '', 'not an id', '0'.repeat(65));
  const odd = fc.constantFrom(null, undefined, 7, {}, []);
  const most = (usual: fc.Arbitrary<unknown>) => fc.oneof({ arbitrary: usual, weight: 9 }, odd);
  const names = most(fc.array(most(text), { maxLength: 3 }));
  const fields = { id: most(text), name: most(text), status: most(text), roles: names, permissions: names };
  const row = most(fc.record(fields, { requiredKeys: [] }));

  it('is read as the schema of its rows reads each, with the same complaints', () => {
    const outcomes = new Set<boolean>();
    fc.assert(
      fc.property(fc.array(row, { maxLength: 2 }), (result) => {
        const read = organizationsPageSchema.safeParse({ success: true, result });
        const witness = z.object({ result: z.array(organizationSchema) }).safeParse({ result });
        outcomes.add(witness.success);
        expect(read.data?.result).toEqual(witness.data?.result);
        expect(complaints(read.error)).toEqual(complaints(witness.error));
      }),
      { numRuns: 3_000 },
    );
    expect(outcomes).toEqual(new Set([true, false]));
  });
});

function complaints(error: z.ZodError | undefined) {
  return error?.issues.map(({ path, message }) => ({ path, message }));
}
