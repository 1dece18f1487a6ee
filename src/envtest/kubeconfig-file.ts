import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringifyYaml } from 'nekube/apimachinery';
import { makeTemporaryFolder, removeTemporaryFolder } from 'nekube/files';
import type { KeyPair } from 'nekube/pki';

/** Writes a kubeconfig that only its owner can read into a folder of its own; `remove` deletes both. */
export function writeKubeconfigFile(
  server: string,
  caCert: string,
  { cert, key }: KeyPair,
): { readonly path: string; readonly remove: () => void } {
  const folder = makeTemporaryFolder('nekube-envtest');
  const path = join(folder, 'kubeconfig');
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'envtest',
    clusters: [{ name: 'envtest', cluster: { server, 'certificate-authority-data': base64(caCert) } }],
    users: [{ name: 'admin', user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
    contexts: [{ name: 'envtest', context: { cluster: 'envtest', user: 'admin' } }],
  };
  writeFileSync(path, stringifyYaml(config), { mode: 0o600, flag: 'wx' });
  return { path, remove: () => removeTemporaryFolder(folder) };
}
