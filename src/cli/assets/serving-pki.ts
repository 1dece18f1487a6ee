import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keyPairStore, loadOrCreatePki, type Pki } from 'nekube/pki';
import type { ListenAddress } from '../address.ts';
import { servingNames } from '../serving-names.ts';
import type { FlagValues } from './flag-values.ts';

/**
 * The certificates of a server, as kube-apiserver has them: the serving pair that flags name, or `apiserver.crt` and
 * `.key` in `--cert-dir`, or a new one, which is put there. The CA that clients may be of besides is nobody's.
 *
 * @throws Error of the file system
 */
export function servingPki(values: FlagValues, listen: ListenAddress, cwd: string): Pki {
  const range = values.text('service-cluster-ip-range').split(',')[0] || '10.0.0.0/24';
  const pki = loadOrCreatePki(undefined, { ...servingNames(listen, ipv4(range)), now: () => new Date() });
  const [cert, key] = [values.text('tls-cert-file'), values.text('tls-private-key-file')];
  if (cert !== '' && key !== '') return { ...pki, servingCert: read(cwd, cert), servingKey: read(cwd, key) };
  const dir = resolve(cwd, values.text('cert-dir') || '/var/run/kubernetes');
  const kept = keyPairStore(dir).readPair('apiserver');
  if (kept !== undefined) return { ...pki, servingCert: kept.cert, servingKey: kept.key };
  const whole = pki.servingCert + pki.caCert;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'apiserver.crt'), whole, { mode: 0o644 });
  writeFileSync(join(dir, 'apiserver.key'), pki.servingKey, { mode: 0o600 });
  return { ...pki, servingCert: whole };
}

function read(cwd: string, file: string): string {
  return readFileSync(resolve(cwd, file), 'utf8');
}

/** Another range has no address in the certificate. */
function ipv4(range: string): string {
  return range.includes(':') ? '10.0.0.0/24' : range;
}
