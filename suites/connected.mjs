// A kubeconfig in a temporary folder of its own, and a client by it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nekube/client';

export const base64 = (text) => Buffer.from(text).toString('base64');

/**
 * Connects to a server.
 *
 * @param user as in a kubeconfig
 * @param prefix what the name of the folder begins with
 * @returns `{client, kubeconfig, dir, close()}`; `close` removes the folder
 */
export async function connected(url, ca, user, prefix) {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  const kubeconfig = join(dir, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster: { server: url, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: 'it', user }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    'current-context': 'it',
  };
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  const client = await connect({ kubeconfig, env: {} });
  const close = async () => {
    await client.close();
    rmSync(dir, { recursive: true });
  };
  return { client, kubeconfig, dir, close };
}
