import { expect, test } from 'vitest';
import { createMessageId, createThread, threadingOf } from '../../src/deliver/message-id.ts';

test('two installations that send from one domain share no thread, whatever they tell of', () => {
  const threads = ['held', 'held', 'failure', 'digest', 'digest'] as const;
  const roots = threads.map(
    (kind) => threadingOf(createMessageId('rollcall@example.com', createThread(kind))).references,
  );
  expect(new Set(roots).size).toBe(roots.length);
});

test('mails of one thread have one root, which none of them is', () => {
  const thread = createThread('failure');
  const ids = [1, 2].map(() => createMessageId('Rollcall <rollcall@example.com>', thread));
  const [root, ...others] = [...new Set(ids.map((id) => threadingOf(id).references))];
  expect(others).toEqual([]);
  expect(root).toMatch(/^<thread\.failure-[0-9a-f]{12}@example\.com>$/);
  expect(ids.map((id) => threadingOf(id).inReplyTo)).toEqual([root, root]);
  expect(new Set([...ids, root]).size).toBe(3);
  for (const id of ids) expect(`Message-ID: ${id}`.length).toBeLessThanOrEqual(76);
});

test.each([
  createMessageId('rollcall@example.com'),
  // Of an earlier version, and from domains that look like a thread.
  '<5f0c2b9d-0000-4000-8000-000000000000@example.com>',
  createMessageId('rollcall@x.held-0123456789ab'),
  '<7.sales-0123456789ab@example.com>',
])('%s names no thread, and has a root of its own', (messageId) => {
  const { references, inReplyTo } = threadingOf(messageId);
  expect(inReplyTo).toBeNull();
  expect(references).toBe(messageId.replace('<', '<alone.'));
});
