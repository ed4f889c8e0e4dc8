import { expect, test } from 'vitest';
import { failure, partError } from '../../src/checks/failure.ts';
import { RollcallError } from '../../src/domain/errors.ts';

test.each([
  {
    where: 'in a sentence of its own',
    text: 'Cloudflare answered GET /user with 403 (10000 Not allowed. Ask again). Give it a permission: any.',
    found: 'Cloudflare answered GET /user with 403 (10000 Not allowed. Ask again)',
    remedy: 'Give it a permission: any.',
  },
  {
    where: 'in its last clause',
    text: 'Cannot open the PostgreSQL at db.example.com/rollcall: no such user; correct the user in DATABASE_URL.',
    found: 'Cannot open the PostgreSQL at db.example.com/rollcall: no such user',
    remedy: 'Correct the user in DATABASE_URL.',
  },
  {
    where: 'nowhere',
    text: 'connect ECONNREFUSED 127.0.0.1:5432.',
    found: 'connect ECONNREFUSED 127.0.0.1:5432',
    remedy: null,
  },
])('an error names its remedy $where', ({ text, found, remedy }) => {
  expect(partError(text)).toEqual({ found, remedy });
});

test('a failure names the remedy that the error does, else the one that is given, and the principal once', () => {
  const subject = { check: 'credentials', principal: 'ops-bot' } as const;
  const error = new RollcallError('credentials', 'ops-bot: refused. Make a new token.');

  expect(failure(subject, error, 'Look elsewhere.')).toEqual({
    ...subject,
    state: 'fail',
    found: 'refused',
    remedy: 'Make a new token.',
  });
  expect(failure(subject, new Error('it broke'), 'Look elsewhere.')).toMatchObject({
    found: 'it broke',
    remedy: 'Look elsewhere.',
  });
});
