import { generateKeyPairSync } from 'node:crypto';
import {
  issueCertificate,
  type KeyPair,
  octetString,
  oid,
  sequence,
  set,
  signCertificate,
  utf8String,
} from 'nekube/pki';
import type { Secret } from '../../model/index.ts';
import { PrivateText } from '../../model/private-text.ts';

const DAY_MS = 86_400_000;

/** Certificates of a CA of its own. */
export class TestCa {
  readonly #subject: { readonly commonName: string };
  readonly #pair: KeyPair;

  constructor(name = 'test CA') {
    this.#subject = { commonName: name };
    this.#pair = issueCertificate({ subject: this.#subject, ...times(), use: 'ca' });
  }

  /** PEM. */
  get cert(): string {
    return this.#pair.cert;
  }

  /** As models have it. */
  secret(name = 'ca/default/ca'): Secret {
    return { kind: 'ca', name, bundle: this.cert };
  }

  /** For a server with these names. */
  server(...hosts: readonly string[]): KeyPair {
    const names = { hosts, ips: ['127.0.0.1'] };
    const subject = { commonName: hosts[0]! };
    return issueCertificate({ subject, ...times(), use: 'server', names }, this.#issuer());
  }

  client(commonName: string): KeyPair {
    return issueCertificate({ subject: { commonName }, ...times(), use: 'client' }, this.#issuer());
  }

  #issuer() {
    return { subject: this.#subject, key: this.#pair.key };
  }
}

/** A certificate as models have it. */
export function certificateSecret(name: string, { cert, key }: KeyPair): Secret {
  return { kind: 'certificate', name, chain: cert, privateKey: new PrivateText(key) };
}

function times() {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
}

/**
 * A CA and a client's certificate of it, with keys of RSA and nothing in them that tells one CA from another of the same name:
 * who trusts the other finds that the signature is wrong.
 */
export function rsaClient(): { readonly ca: string; readonly client: KeyPair } {
  const name = (commonName: string) => sequence(set(sequence(oid('2.5.4.3'), utf8String(commonName))));
  // one key for both: making one takes long
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const sign = (subject: string): string =>
    signCertificate(
      {
        subject: name(subject),
        spki: publicKey.export({ type: 'spki', format: 'der' }),
        ...times(),
        // basic constraints: a CA
        extensions: subject === 'ca' ? [sequence(oid('2.5.29.19'), octetString(Buffer.from('30030101ff', 'hex')))] : [],
      },
      { subject: name('ca'), key: privateKey },
    );
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return { ca: sign('ca'), client: { cert: sign('client'), key } };
}
