import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exchange } from '../../../src/cloudflare/http/exchange.ts';
import { Secret } from '../../../src/domain/secret.ts';

const question = { principal: 'ops-bot', method: 'GET', path: '/user/organizations' } as const;

/** One exchange with a server that answers as told, for what the simulator does not do. */
async function exchangedWith(answer: RequestListener, more: { timeoutMs?: number; method?: 'DELETE' } = {}) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return exchange(
    { ...question, ...(more.method && { method: more.method }) },
    {
      credentials: { kind: 'token', token: new Secret('cfut_the-secret') },
      baseUrl: `http://127.0.0.1:${port}/client/v4`,
      timeoutMs: more.timeoutMs ?? 5_000,
      signal: new AbortController().signal,
    },
  );
}

describe('an exchange', () => {
  it('carries a character that is spread over two chunks whole', async () => {
    const bytes = Buffer.from('{"name":"Größe"}');
    const { body } = await exchangedWith((_, response) => {
      response.write(bytes.subarray(0, 12));
      setImmediate(() => response.end(bytes.subarray(12)));
    });
    expect(body).toEqual({ name: 'Größe' });
  });

  it('reads a body that comes byte by byte', async () => {
    const bytes = Buffer.from(JSON.stringify({ name: 'Größe'.repeat(1_000) }));
    const { body } = await exchangedWith((_, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    });
    expect(body).toEqual({ name: 'Größe'.repeat(1_000) });
  });

  it('gives up on a body that is too large to be an answer', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024, ' ');
    const endless: RequestListener = (_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(mebibyte));
      };
      response.on('drain', pour);
      pour();
    };
    await expect(exchangedWith(endless)).rejects.toMatchObject({
      name: 'TransientFailure',
      message: '200 with a body of more than 32 MiB',
    });
  });

  it('reads a body that comes compressed, and gives up on one that is too large once it is unpacked', async () => {
    const compressed = (text: string | Buffer): RequestListener => {
      return (request, response) => {
        expect(request.headers['accept-encoding']).toBe('gzip');
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
      };
    };
    const { body, bytes } = await exchangedWith(compressed('{"name":"Größe"}'));
    expect({ body, bytes }).toEqual({ body: { name: 'Größe' }, bytes: 18 });
    await expect(exchangedWith(compressed(Buffer.alloc(33 * 1024 * 1024)))).rejects.toMatchObject({
      name: 'TransientFailure',
      message: '200 with a body of more than 32 MiB',
    });
  });

  it.each([
    ['is cut off', (whole: Buffer) => whole.subarray(0, -9), 'unexpected end of file'],
    ['is none', () => Buffer.from('no gzip'), 'incorrect header check'],
  ])('may be tried again when its compressed body %s', async (_, deform, what) => {
    const answer: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(deform(gzipSync('{"name":"Example"}')));
    await expect(exchangedWith(answer)).rejects.toMatchObject({
      name: 'TransientFailure',
      message: `the connection failed: ${what}`,
    });
  });

  it('may be tried again when its body comes in a way that was not asked for', async () => {
    const answer: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'br' }).end('...');
    await expect(exchangedWith(answer)).rejects.toMatchObject({
      name: 'TransientFailure',
      message: '200 with a body in br',
    });
  });

  it('has one deadline over headers and body: a trickle does not extend it', async () => {
    const trickle: RequestListener = (_, response) => {
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
    };
    await expect(exchangedWith(trickle, { timeoutMs: 150 })).rejects.toMatchObject({
      name: 'TransientFailure',
      message: 'no whole answer within 0.15 s',
    });
  });

  it('never sends its credentials after a redirect', async () => {
    const asked: (string | undefined)[] = [];
    const redirect: RequestListener = ({ url }, response) => {
      asked.push(url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    };
    await expect(exchangedWith(redirect)).rejects.toMatchObject({ code: 'refused' });
    expect(asked).toEqual(['/client/v4/user/organizations']);
  });

  it('finds the secret in what the API says however it is escaped', async () => {
    const escaped = Array.from('cfut_the-secret', (one) => `\\u00${one.charCodeAt(0).toString(16)}`).join('');
    const echo: RequestListener = (_, response) =>
      response.writeHead(400).end(`{"success":false,"errors":[{"message":"${escaped} is wrong"}]}`);
    await expect(exchangedWith(echo)).rejects.toThrow('with 400 ([secret] is wrong)');
    const failing: RequestListener = (_, response) =>
      response.writeHead(500).end(`{"errors":[{"message":"${escaped} is wrong"}]}`);
    await expect(exchangedWith(failing)).rejects.toThrow('500 ([secret] is wrong)');
  });

  it('sends a departure with an empty object, and a question without a body', async () => {
    const bodies: string[] = [];
    const listen: RequestListener = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        bodies.push(body);
        response.end('{}');
      });
    };
    await exchangedWith(listen);
    await exchangedWith(listen, { method: 'DELETE' });
    expect(bodies).toEqual(['', '{}']);
  });
});
