import { describe, expect, it } from 'vitest';
import { codesOf, describeProblems, readVerdict } from '../../../src/cloudflare/http/envelope.ts';
import { Secret } from '../../../src/domain/secret.ts';

const told = (body: unknown) => describeProblems(readVerdict(body).problems, new Secret('the-secret'));

describe('what an answer says of itself', () => {
  it.each([
    ['no envelope', [1]],
    ['no JSON at all', undefined],
    ['null', null],
    ['no errors', { success: true, errors: [] }],
    ['null for errors', { success: true, errors: null }],
    ['text for errors', { success: true, errors: 'x' }],
  ])('is nothing where there is %s', (_, body) => {
    expect(readVerdict(body)).toEqual({ failed: false, problems: [] });
  });

  it('is that it failed, also where its errors cannot be read', () => {
    expect(readVerdict({ success: false, errors: [7], result: [] })).toEqual({ failed: true, problems: [] });
  });

  it('is told without a code, without a message, or with either of another type', () => {
    expect(told({ errors: [{ message: 'No code' }] })).toBe('No code');
    expect(told({ errors: [{ code: 9109 }] })).toBe('9109');
    expect(
      told({
        errors: [
          { code: '9109', message: 'Text' },
          { code: 1, message: 7 },
        ],
      }),
    ).toBe('Text; 1');
    expect(told({ errors: [{}] })).toBe('');
  });

  it('includes what led to it', () => {
    const body = { errors: [{ code: 6003, message: 'Bad', error_chain: [{ code: 6103, message: 'Key' }] }] };
    expect(told(body)).toBe('6003 Bad: Key');
    expect(codesOf(readVerdict(body).problems)).toEqual([6003, 6103]);
  });

  it('is cut short when there are very many', () => {
    const errors = Array.from({ length: 50 }, (_, index) => ({ code: index + 1, message: 'x' }));
    expect(told({ errors })).toBe('1 x; 2 x; 3 x');
  });

  it('never holds the secret', () => {
    const error_chain = [{ message: 'not the-secret either' }];
    expect(told({ errors: [{ message: '"the-secret" is wrong', error_chain }] })).toBe(
      '"[secret]" is wrong: not [secret] either',
    );
    const inBase64 = Buffer.from('Bearer the-secret').toString('base64');
    expect(told({ errors: [{ message: `got ${inBase64}` }] })).toMatch(/^got QmVhcmVyI\S?\[secret\]\S{0,2}$/);
  });
});
