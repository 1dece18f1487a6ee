import { isJsonObject, type JsonObject, type JsonValue, stringifyJson } from 'nekube/apimachinery';
import { type ClusterConfig, clusterConfigOf, type ContextChoice } from './kubeconfig/cluster-config.ts';
import { parseKubeconfig } from './kubeconfig/parse.ts';

/** What is needed of a `KubeConfig` of @kubernetes/client-node, of version 0.22, 1 or 2. */
export interface ClientNodeConfig {
  readonly clusters: readonly ClientNodeCluster[];
  readonly users: readonly ClientNodeUser[];
  readonly contexts: readonly ClientNodeContext[];
  readonly currentContext?: string;
}

/** A cluster, as client-node has it. */
export interface ClientNodeCluster {
  readonly name: string;
  readonly server: string;
  readonly caData?: string;
  readonly caFile?: string;
  readonly skipTLSVerify?: boolean;
  readonly tlsServerName?: string;
  readonly proxyUrl?: string;
}

/** A user, as client-node has it. */
export interface ClientNodeUser {
  readonly name: string;
  readonly certData?: string;
  readonly certFile?: string;
  readonly keyData?: string;
  readonly keyFile?: string;
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
  readonly impersonateUser?: string;
  readonly exec?: unknown;
  readonly authProvider?: unknown;
}

/** A context, as client-node has it. */
export interface ClientNodeContext {
  readonly name: string;
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

/**
 * How to connect to the cluster of a `KubeConfig` of @kubernetes/client-node, as whom that says: what it loaded, from wherever,
 * with exec plugins; of a pod's service account the file of its token, which is read again when it changes.
 * `connect({ config: fromClientNode(kubeConfig) })`
 *
 * Tokens that plugins gave to client-node are not in it: the plugins will be asked again.
 *
 * @throws ParseError what it says cannot be, or is a way to authenticate that Kubernetes has no more (`auth-provider`)
 */
export function fromClientNode(config: ClientNodeConfig, choice: ContextChoice = {}): ClusterConfig {
  const kubeconfig = parseKubeconfig(stringifyJson(kubeconfigOf(config)), 'of @kubernetes/client-node');
  return clusterConfigOf(kubeconfig, choice);
}

/** The kubeconfig that says the same. */
export function kubeconfigOf(config: ClientNodeConfig): JsonObject {
  return compact({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': config.currentContext,
    clusters: config.clusters.map((cluster) => ({ name: cluster.name, cluster: clusterOf(cluster) })),
    users: config.users.map((user) => ({ name: user.name, user: userOf(user) })),
    contexts: config.contexts.map(({ name, cluster, user, namespace }) => ({
      name,
      context: compact({ cluster, user, namespace }),
    })),
  });
}

function clusterOf(cluster: ClientNodeCluster): JsonObject {
  return compact({
    server: cluster.server,
    'certificate-authority-data': cluster.caData,
    'certificate-authority': cluster.caFile,
    // a certificate that is not checked needs no authority, and the two exclude each other
    ...(cluster.skipTLSVerify && {
      'insecure-skip-tls-verify': true,
      'certificate-authority-data': undefined,
      'certificate-authority': undefined,
    }),
    'tls-server-name': cluster.tlsServerName,
    'proxy-url': cluster.proxyUrl,
  });
}

function userOf(user: ClientNodeUser): JsonObject {
  return compact({
    'client-certificate-data': user.certData,
    'client-certificate': user.certFile,
    'client-key-data': user.keyData,
    'client-key': user.keyFile,
    token: user.token,
    username: user.username,
    password: user.password,
    as: user.impersonateUser,
    ...credentialsOf(user),
  });
}

/** Plugins, and what client-node keeps as if it were one: a token in a file, and exec in its first form. */
function credentialsOf({ exec, authProvider }: ClientNodeUser): Record<string, JsonValue | undefined> {
  if (isJsonObject(exec)) return { exec: compact(exec) };
  if (!isJsonObject(authProvider)) return {};
  const config = isJsonObject(authProvider.config) ? authProvider.config : {};
  if (authProvider.name === 'tokenFile') return { tokenFile: config.tokenFile };
  if (authProvider.name === 'exec') return { exec: compact(isJsonObject(config.exec) ? config.exec : config) };
  return { 'auth-provider': compact(authProvider) };
}

function compact(object: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as JsonObject;
}
