import { readFileSync } from 'node:fs';
import { isParseError } from 'nekube/apimachinery';
import type { WebhookTarget } from 'nekube/apiserver';
import { type ClusterConfig, clusterConfigOf, loadKubeconfig, type PemSource } from 'nekube/client';
import { CliError, messageOf } from './io.ts';

/**
 * Where a kubeconfig says that a webhook is, and who calls it: the cluster and the user of its current context. Files
 * that it names are read, relative to its own.
 *
 * @param flag that named it
 * @throws CliError
 */
export function readWebhookKubeconfig(path: string, flag: string): WebhookTarget {
  try {
    return targetIn(clusterConfigOf(loadKubeconfig({ path })));
  } catch (cause) {
    const hint = `give ${flag} a kubeconfig whose current context has a cluster`;
    const named = isParseError(cause);
    const problem = named ? cause.message : `Cannot use the kubeconfig ${JSON.stringify(path)}: ${messageOf(cause)}`;
    throw new CliError(problem, { hint, cause });
  }
}

function targetIn(config: ClusterConfig): WebhookTarget {
  const { server, ca, serverName, insecure, clientCertificate, clientKey, token, tokenFile, username, password } =
    config;
  const credentials = {
    cert: pemOf(clientCertificate),
    key: pemOf(clientKey),
    token: tokenFile === undefined ? token : readFileSync(tokenFile, 'utf8').trim(),
    username,
    password,
  };
  return {
    url: server,
    ...(ca !== undefined && { ca: pemOf(ca)! }),
    ...(serverName !== undefined && { serverName }),
    ...(insecure === true && { insecureSkipTlsVerify: true }),
    credentials: Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== undefined)),
  };
}

function pemOf(source: PemSource | undefined): string | undefined {
  if (source === undefined) return undefined;
  return 'pem' in source ? source.pem : readFileSync(source.file, 'utf8');
}
