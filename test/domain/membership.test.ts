import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestRoll } from '../../src/domain/digest.ts';
import { compareCodePoints, type Membership } from '../../src/domain/membership.ts';

describe('text', () => {
  it('is ordered as its bytes in UTF-8 are, emoji and private use included', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\uE000', '\uFFFD', '🚀', '\u{10FFFF}') });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const byBytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(Math.sign(compareCodePoints(left, right))).toBe(byBytes);
      }),
    );
  });
});

describe('the digests of two rolls', () => {
  const set = fc.option(fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }));
  const membership = fc.record<Membership>(
    {
      organizationId: fc.constantFrom('1', '2'),
      organizationName: fc.option(fc.constantFrom('x', 'y')),
      status: fc.option(fc.constantFrom('member', 'invited')),
      roles: set,
      permissions: set,
      membershipId: fc.option(fc.constantFrom('m', 'n')),
      twoFactorEnforced: fc.option(fc.boolean()),
      apiAccess: fc.option(fc.boolean()),
      policies: set,
      parentOrganization: fc.option(fc.constantFrom('p', 'q')),
    },
    // To the witness, two values of one content but different prototypes are not equal.
    { noNullPrototype: true },
  );
  const roll = fc.array(membership, { maxLength: 2 });

  it('are the same when nothing at all differs, and only then', () => {
    fc.assert(
      fc.property(roll, roll, (left, right) => {
        expect(digestRoll(structuredClone(left))).toBe(digestRoll(left));
        expect(digestRoll(left) === digestRoll(right)).toBe(isDeepStrictEqual(left, right));
      }),
      { numRuns: 2_000 },
    );
  });
});
