import { issueCertificate, type KeyPair } from 'nekube/pki';
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
