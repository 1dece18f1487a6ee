import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isJsonObject, type JsonObject, parseYaml } from 'nekube/apimachinery';
import type { WebhookTarget } from 'nekube/apiserver';
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
    return targetIn(parseYaml(readFileSync(path, 'utf8')) as JsonObject, dirname(path));
  } catch (cause) {
    const hint = `give ${flag} a kubeconfig whose current context has a cluster`;
    throw new CliError(`Cannot use the kubeconfig ${JSON.stringify(path)}: ${messageOf(cause)}`, { hint, cause });
  }
}

function targetIn(config: JsonObject, dir: string): WebhookTarget {
  const context = named(config, 'contexts', config['current-context'], 'context');
  if (context === undefined) throw new Error('it has no current context');
  const cluster = named(config, 'clusters', context.cluster, 'cluster');
  if (typeof cluster?.server !== 'string') throw new Error('its current context has no cluster with a server');
  const user = named(config, 'users', context.user, 'user') ?? {};
  const pem = (of: JsonObject, field: string): string | undefined => {
    const data = of[`${field}-data`];
    if (typeof data === 'string') return Buffer.from(data, 'base64').toString('utf8');
    const file = of[field];
    return typeof file === 'string' ? readFileSync(resolve(dir, file), 'utf8') : undefined;
  };
  const { token, tokenFile, username, password } = user as Readonly<Record<string, string | undefined>>;
  const credentials = {
    cert: pem(user, 'client-certificate'),
    key: pem(user, 'client-key'),
    token: tokenFile === undefined ? token : readFileSync(resolve(dir, tokenFile), 'utf8').trim(),
    username,
    password,
  };
  const ca = pem(cluster, 'certificate-authority');
  return {
    url: cluster.server,
    ...(ca !== undefined && { ca }),
    ...(typeof cluster['tls-server-name'] === 'string' && { serverName: cluster['tls-server-name'] }),
    ...(cluster['insecure-skip-tls-verify'] === true && { insecureSkipTlsVerify: true }),
    credentials: Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== undefined)),
  };
}

/** The entry of a list in a kubeconfig that has this name. */
function named(config: JsonObject, list: string, name: unknown, field: string): JsonObject | undefined {
  const entries = config[list];
  if (!Array.isArray(entries)) return undefined;
  const entry = entries.find((candidate) => isJsonObject(candidate) && candidate.name === name) as
    | JsonObject
    | undefined;
  const value = entry?.[field];
  return isJsonObject(value ?? null) ? (value as JsonObject) : undefined;
}
