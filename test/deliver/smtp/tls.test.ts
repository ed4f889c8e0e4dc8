import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { aMail } from '../builders.ts';
import { type Certificates, type Identity, makeCertificates } from './certificates.ts';
import { aScriptedServer, aServer, mailerFor, type Way } from './mailers.ts';

const login = 'ops:hunter2-very-secret@';

let certificates: Certificates;
const trusted = getCACertificates('default');

beforeAll(async () => {
  certificates = await makeCertificates();
  setDefaultCACertificates([...trusted, certificates.ca]);
});

afterAll(() => setDefaultCACertificates(trusted));

/** A server with a login, by TLS from the first byte or by STARTTLS, and who logged in. */
async function aTlsServer(identity: Identity, secure: boolean) {
  const logins: string[] = [];
  const server = await aServer({
    ...identity,
    secure,
    disabledCommands: [],
    onAuth: ({ username }, _session, done) => {
      logins.push(username ?? '');
      done(null, { user: username });
    },
  });
  return { server, logins };
}

const ways: readonly Way[] = [
  { scheme: 'smtps', host: 'localhost', login },
  { scheme: 'smtp', host: 'localhost', login, query: '?tls=on' },
];

describe.each(ways)('by $scheme:// $query', (way) => {
  const secure = way.scheme === 'smtps';

  test('a certificate that is trusted lets the mail through', async () => {
    const { server, logins } = await aTlsServer(certificates.good, secure);
    expect(await mailerFor(server, way).send(aMail())).toMatchObject({ outcome: 'sent' });
    expect(logins).toEqual(['ops']);
  });

  test.each([
    ['selfSigned', /self-signed.*NODE_EXTRA_CA_CERTS/],
    ['elsewhere', /mail\.example\.net.*correct the host in SMTP_URL/],
    ['expired', /expired.*clock of this machine/],
  ] as const)('a certificate that is %s stops all, and what to do is named', async (name, told) => {
    const { server, logins } = await aTlsServer(certificates[name], secure);
    const mailer = mailerFor(server, way);
    expect(await mailer.send(aMail())).toMatchObject({
      outcome: 'retry',
      isServerAway: true,
      error: expect.stringMatching(told) as string,
    });
    await expect(mailer.verify()).rejects.toThrow(told);
    expect(logins).toEqual([]);
    expect(server.messages).toEqual([]);
  });

  test('a CA that nobody knows is to be made known', async () => {
    const { server } = await aTlsServer(certificates.good, secure);
    setDefaultCACertificates(trusted);
    try {
      await expect(mailerFor(server, way).verify()).rejects.toThrow('NODE_EXTRA_CA_CERTS');
    } finally {
      setDefaultCACertificates([...trusted, certificates.ca]);
    }
  });
});

test('smtps:// at a port of STARTTLS names smtp://, in words', async () => {
  const { server } = await aTlsServer(certificates.good, false);
  const verifying = mailerFor(server, { scheme: 'smtps', host: 'localhost', login }).verify();
  await expect(verifying).rejects.toThrow(
    /no TLS came about: .*correct SMTP_URL: smtps:\/\/ is for.*smtp:\/\//,
  );
  await expect(verifying).rejects.not.toThrow(/ssl|openssl/i);
});

test.each([
  ['waits', 300, () => undefined],
  ['hangs up', 20_000, (socket: Socket) => void socket.end()],
])('smtp:// at a port of TLS that %s names smtps://', async (_what, sendTimeoutMs, onConnection) => {
  const server = createServer(onConnection);
  const port = await listen(server);
  const verifying = mailerFor({ port }, { query: '?tls=on', sendTimeoutMs }).verify();
  await expect(verifying).rejects.toThrow(/greeting.*correct SMTP_URL.*smtps:\/\//);
});

describe('what is said before TLS counts for nothing', () => {
  /** A server whose STARTTLS is followed, before TLS, by what somebody on the way adds; what it hears in TLS is kept. */
  async function anIntercepted(added: string, ehloInTls: string) {
    const heard: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined).write('220 me\r\n');
      socket.on('data', (data) => {
        if (data.toString().startsWith('EHLO')) socket.write('250-me\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n');
        if (!data.toString().startsWith('STARTTLS')) return;
        socket.removeAllListeners('data').write(`220 go on\r\n${added}`);
        answerInTls(socket, certificates.good, (line) => {
          heard.push(line);
          return line.startsWith('EHLO') ? ehloInTls : '250 ok';
        });
      });
    });
    return { port: await listen(server), heard };
  }

  const way: Way = { host: 'localhost', login, query: '?tls=on' };

  test.each([
    ['a whole answer', '250-evil\r\n250 AUTH PLAIN\r\n'],
    ['half a line', '250-evil AUTH PLAIN'],
    ['a refusal', '535 wrong\r\n'],
  ])('%s that is slipped in behind STARTTLS is not heard', async (_what, added) => {
    const { port, heard } = await anIntercepted(added, '250-me\r\n250 AUTH NTLM');
    await expect(mailerFor({ port }, way).verify()).rejects.toThrow('NTLM');
    expect(heard.filter((line) => !/^(?:EHLO|QUIT)/.test(line))).toEqual([]);
    expect(heard[0]).toMatch(/^EHLO/);
  });

  test('an answer slipped in that never ends: nothing is said', async () => {
    const { port, heard } = await anIntercepted('250-evil\r\n250-AUTH PLAIN\r\n', '250 me');
    await expect(mailerFor({ port }, { ...way, sendTimeoutMs: 300 }).verify()).rejects.toThrow();
    expect(heard).toEqual([]);
  });

  test.each(['250-me\r\n250 AUTH PLAIN', '502 no', '250 me'])(
    'STARTTLS that somebody takes out of EHLO is asked for all the same: %j',
    async (ehlo) => {
      const said: string[] = [];
      const server = await aScriptedServer((line) => {
        said.push(line);
        return line.startsWith('EHLO') ? ehlo : '502 no such command';
      });
      expect(await mailerFor(server, way).send(aMail())).toMatchObject({
        outcome: 'retry',
        error: expect.stringMatching(/STARTTLS nothing is sent/) as string,
      });
      expect(said.filter((line) => !/^(?:EHLO|STARTTLS|QUIT)/.test(line))).toEqual([]);
    },
  );
});

function answerInTls(socket: Socket, identity: Identity, answer: (line: string) => string): void {
  const tls = new TLSSocket(socket, { isServer: true, ...identity });
  tls
    .on('error', () => undefined)
    .on('data', (data: Buffer) => {
      for (const line of data.toString().split('\r\n').slice(0, -1)) tls.write(`${answer(line)}\r\n`);
    });
}

/** The port on this machine at which a server of the test listens. */
async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
