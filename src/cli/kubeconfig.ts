import { readFileSync } from 'node:fs';
import { isJsonObject, parseYaml } from 'nekube/apimachinery';
import { writeWhole } from 'nekube/files';
import { CliError, messageOf } from './io.ts';

/** What a kubeconfig for the admin of one server holds; certificates and key are PEM. */
export interface AdminAccess {
  readonly server: string;
  readonly caCert: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

const MARK = '# Written by "nekube up" at every start.';

/**
 * Refuses a path whose file nekube did not write: it may hold the access to other clusters.
 *
 * @throws CliError
 */
export function checkReplaceable(path: string): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new CliError(messageOf(cause, path), { hint: 'name a file that can be written with --kubeconfig', cause });
  }
  if (text.trim() === '' || text.startsWith(MARK) || hasOursAlone(text)) return;
  throw new CliError(`Cannot write the kubeconfig ${JSON.stringify(path)}: there is a file that nekube did not write`, {
    hint: 'name a file of its own with --kubeconfig, and list both in KUBECONFIG',
  });
}

/** Whether a kubeconfig has what nekube writes and nothing else: `kubectl config set-context` writes it again without our mark. */
function hasOursAlone(text: string): boolean {
  try {
    const config = parseYaml(text);
    if (!isJsonObject(config)) return false;
    const names = ['clusters', 'users', 'contexts'].map((list) =>
      (config[list] as unknown as readonly { readonly name: string }[]).map(({ name }) => name).join(),
    );
    return names.join(' ') === 'nekube nekube-admin nekube';
  } catch {
    return false;
  }
}

/** Writes a kubeconfig that only its owner can read, whole or not at all. */
export function writeKubeconfig(path: string, access: AdminAccess): void {
  writeWhole(path, kubeconfigOf(access), { mode: 0o600 });
}

/** The text of a kubeconfig with one cluster, one user and one context. */
export function kubeconfigOf({ server, caCert, clientCert, clientKey }: AdminAccess): string {
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  return `${MARK}
apiVersion: v1
kind: Config
current-context: nekube
clusters:
- name: nekube
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(caCert)}
users:
- name: nekube-admin
  user:
    client-certificate-data: ${base64(clientCert)}
    client-key-data: ${base64(clientKey)}
contexts:
- name: nekube
  context:
    cluster: nekube
    user: nekube-admin
`;
}
