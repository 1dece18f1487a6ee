import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from 'nekube/files';
import { keyPairStore, loadOrCreatePki, type Pki } from 'nekube/pki';
import type { ListenAddress } from '../address.ts';
import { servingNames } from '../serving-names.ts';
import type { FlagValues } from './flag-values.ts';

/**
 * The certificates of a server, as kube-apiserver has them: the serving pair that flags name, or `apiserver.crt` and
 * `.key` in `--cert-dir`, or a new one, which is put there. The CA that clients may be of besides is nobody's.
 *
 * @throws Error of the file system, and with kube-apiserver's message for files that are no pair
 */
export function servingPki(values: FlagValues, listen: ListenAddress, cwd: string): Pki {
  const range = values.text('service-cluster-ip-range').split(',')[0] || '10.0.0.0/24';
  const pki = loadOrCreatePki(undefined, { ...servingNames(listen, ipv4(range)), now: () => new Date() });
  const [cert, key] = [values.text('tls-cert-file'), values.text('tls-private-key-file')];
  if (cert !== '' && key !== '') return { ...pki, ...namedPair(cwd, cert, key) };
  const dir = resolve(cwd, values.text('cert-dir') || '/var/run/kubernetes');
  const kept = keyPairStore(dir).readPair('apiserver');
  if (kept !== undefined) return { ...pki, servingCert: kept.cert, servingKey: kept.key };
  const whole = pki.servingCert + pki.caCert;
  makeFolder(dir);
  writeFileSync(join(dir, 'apiserver.crt'), whole, { mode: 0o644 });
  writeFileSync(join(dir, 'apiserver.key'), pki.servingKey, { mode: 0o600 });
  return { ...pki, servingCert: whole };
}

function namedPair(cwd: string, cert: string, key: string): Pick<Pki, 'servingCert' | 'servingKey'> {
  const [servingCert, servingKey] = [read(cwd, cert), read(cwd, key)];
  if (servingCert === '' || servingKey === '')
    throw new Error(`missing content for serving cert ${JSON.stringify(`serving-cert::${cert}::${key}`)}`);
  const problem = pairProblem(servingCert, servingKey);
  if (problem !== undefined) throw new Error(`tls: ${problem}`);
  return { servingCert, servingKey };
}

const HAS_CERTIFICATE = /-----BEGIN CERTIFICATE-----/;
const HAS_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;

/** Why a certificate and a key are no pair, as Go's crypto/tls says it. */
function pairProblem(cert: string, key: string): string | undefined {
  if (!HAS_CERTIFICATE.test(cert))
    return HAS_KEY.test(cert)
      ? 'failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
      : 'failed to find any PEM data in certificate input';
  if (!HAS_KEY.test(key))
    return HAS_CERTIFICATE.test(key)
      ? 'found a certificate rather than a key in the PEM for the private key'
      : 'failed to find any PEM data in key input';
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
    ? undefined
    : 'private key does not match public key';
}

function read(cwd: string, file: string): string {
  return readFileSync(resolve(cwd, file), 'utf8');
}

/** Another range has no address in the certificate. */
function ipv4(range: string): string {
  return range.includes(':') ? '10.0.0.0/24' : range;
}
