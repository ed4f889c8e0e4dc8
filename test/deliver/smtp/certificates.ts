import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

/** A key and a certificate, in PEM. */
export interface Identity {
  key: string;
  cert: string;
}

/** A CA of our own, and what it has signed. */
export interface Certificates {
  ca: string;
  /** For `localhost` and 127.0.0.1. */
  good: Identity;
  /** For another name. */
  elsewhere: Identity;
  /** For `localhost`, until long ago. */
  expired: Identity;
  /** For `localhost`, signed by itself. */
  selfSigned: Identity;
}

const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes them anew, by the program `openssl`. */
export async function makeCertificates(): Promise<Certificates> {
  const { folder, remove } = await makeTemporaryFolder('certificates');
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const read = (name: string): Identity => ({
    key: readFileSync(path.join(folder, `${name}.key`), 'utf8'),
    cert: readFileSync(path.join(folder, `${name}.pem`), 'utf8'),
  });
  const make = (name: string, ...more: string[]): Identity => {
    openssl(
      'req',
      '-x509',
      ...key,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      ...more,
    );
    return read(name);
  };
  const sign = [
    '-days',
    '2',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  ];
  const { cert: ca } = make('ca', '-days', '2');
  const certificates = {
    ca,
    good: make('good', ...sign, '-addext', names),
    elsewhere: make('elsewhere', ...sign, '-addext', 'subjectAltName=DNS:mail.example.net'),
    expired: makeExpired(folder, openssl, read),
    selfSigned: make('self', '-days', '2', '-addext', names),
  };
  remove();
  return certificates;
}

/** `openssl req` makes none whose time is over; `openssl ca` does, and keeps books. */
function makeExpired(
  folder: string,
  openssl: (...args: string[]) => void,
  read: (name: string) => Identity,
): Identity {
  const sections = [
    '[ca]\ndefault_ca=books\n[books]\ndatabase=books.txt\nnew_certs_dir=.\nserial=serial.txt\ndefault_md=sha256',
    `policy=any\n[any]\ncommonName=supplied\n[names]\n${names}`,
  ];
  writeFileSync(path.join(folder, 'ca.conf'), `${sections.join('\n')}\n`);
  writeFileSync(path.join(folder, 'books.txt'), '');
  writeFileSync(path.join(folder, 'serial.txt'), '01\n');
  openssl('req', '-new', ...key, '-subj', '/CN=expired', '-keyout', 'expired.key', '-out', 'expired.csr');
  const period = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'];
  const files = ['-cert', 'ca.pem', '-keyfile', 'ca.key', '-in', 'expired.csr', '-out', 'expired.pem'];
  openssl('ca', '-batch', '-notext', '-config', 'ca.conf', '-extensions', 'names', ...period, ...files);
  return read('expired');
}
