import { expect, it } from 'vitest';
import { createPieces } from '../../../src/cloudflare/http/pieces.ts';

it('a body that comes byte by byte is held in few pieces, whole and in order', () => {
  const pieces = createPieces();
  const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));
  for (const byte of bytes) pieces.add(Buffer.of(byte));
  expect(pieces.all.length).toBeLessThan(2_100);
  expect(Buffer.concat(pieces.all).equals(bytes)).toBe(true);
});
