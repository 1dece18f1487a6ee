import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/**
 * Whom Node trusts, as PEM, where the program was told to find that out by itself: as Node does it, before anything else and
 * whether or not somebody asks, it takes 20 ms of each start, and twice that with NODE_EXTRA_CA_CERTS. The launcher
 * (programs/kube-apiserver.sh) then keeps the name of that file in NEKUBE_EXTRA_CA_CERTS; empty: there is none.
 *
 * @returns undefined where Node knows it
 */
export function trustedCas(env: Readonly<Record<string, string | undefined>>): (() => string) | undefined {
  const { NEKUBE_EXTRA_CA_CERTS: file } = env;
  if (file === undefined) return undefined;
  let all: string | undefined;
  return () => (all ??= [...rootCertificates, extra(file)].join('\n'));
}

/** A file that cannot be read is passed over, as by Node. */
function extra(file: string): string {
  try {
    return file === '' ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
