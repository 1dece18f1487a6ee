import { type JsonValue, ParseError } from 'nekube/apimachinery';
import type { Impersonation } from '../client.ts';
import { kubeconfigError } from './field-reader.ts';
import type { ClusterEntry, ContextEntry, ExecConfig, Kubeconfig, PemSource, UserEntry } from './kubeconfig.ts';

/** How one cluster is reached, and as whom. Files are named here, and read when they are needed. */
export interface ClusterConfig {
  /** A URL, perhaps with a path before all others. */
  readonly server: string;
  /** The namespace of what names none; absent: `default`. */
  readonly namespace?: string;
  /** Who may have signed its certificate; absent: whom Node trusts. */
  readonly ca?: PemSource;
  /** True: its certificate is not checked. */
  readonly insecure?: boolean;
  /** The name in its certificate, if not that of the URL. */
  readonly serverName?: string;
  /** `http:`, `https:` or `socks5:`; absent: as HTTPS_PROXY and NO_PROXY say. */
  readonly proxyUrl?: string;
  readonly disableCompression?: boolean;
  readonly clientCertificate?: PemSource;
  readonly clientKey?: PemSource;
  readonly token?: string;
  /** Is read again now and then; goes before `token`. */
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: ExecConfig;
  /** What the cluster says to exec plugins. */
  readonly execConfig?: JsonValue;
  readonly impersonate?: Impersonation;
}

/** What is chosen of a kubeconfig. */
export interface ContextChoice {
  /** Default: the current one. */
  readonly context?: string;
  /** Instead of the context's. */
  readonly namespace?: string;
}

/**
 * What a context says, checked as kubectl checks it.
 *
 * @throws ParseError that names the file and the field
 */
export function clusterConfigOf(kubeconfig: Kubeconfig, choice: ContextChoice = {}): ClusterConfig {
  const context = contextOf(kubeconfig, choice.context);
  const cluster = entryOf(kubeconfig.clusters, context, 'cluster');
  const user = context.user === undefined ? undefined : entryOf(kubeconfig.users, context, 'user');
  const namespace = choice.namespace ?? context.namespace;
  return {
    ...clusterPart(cluster),
    ...(user !== undefined && userPart(user)),
    ...(namespace !== undefined && { namespace }),
  };
}

function contextOf(kubeconfig: Kubeconfig, name: string | undefined): ContextEntry {
  if (kubeconfig.files.length === 0)
    throw new ParseError('There is no kubeconfig: it is looked for where KUBECONFIG says, or else in ~/.kube/config');
  const files = kubeconfig.files.join(':');
  const wanted = name ?? kubeconfig.currentContext;
  const names = [...kubeconfig.contexts.keys()].map((known) => JSON.stringify(known)).join(', ') || 'none';
  if (wanted === undefined)
    throw kubeconfigError(files, 'current-context', `is missing: name one of its contexts (there are: ${names})`);
  const context = kubeconfig.contexts.get(wanted);
  if (context !== undefined) return context;
  const where = name === undefined ? 'current-context' : 'contexts';
  throw kubeconfigError(files, where, `has no context ${JSON.stringify(wanted)} (there are: ${names})`);
}

function entryOf<T>(entries: ReadonlyMap<string, T>, context: ContextEntry, field: 'cluster' | 'user'): T {
  const name = context[field];
  const entry = name === undefined ? undefined : entries.get(name);
  if (entry !== undefined) return entry;
  const problem = name === undefined ? 'is missing' : `is ${JSON.stringify(name)}, and there is none of that name`;
  throw kubeconfigError(context.file, `${context.path}.${field}`, problem);
}

function clusterPart({ file, path, ...cluster }: ClusterEntry): ClusterConfig {
  const wrong = (field: string, problem: string): Error => kubeconfigError(file, `${path}.${field}`, problem);
  const { server } = cluster;
  if (server === undefined) throw wrong('server', 'is missing');
  // what has no scheme is reached as Go reaches it
  const url = urlOf(/^[a-z]+:\/\//i.test(server) ? server : `http://${server}`);
  if (!/^https?:$/.test(url?.protocol ?? '')) throw wrong('server', `must be an https URL, not ${server}`);
  if (cluster.insecure && cluster.ca !== undefined)
    throw wrong('certificate-authority', 'must not be given together with insecure-skip-tls-verify');
  if (cluster.proxyUrl !== undefined && !/^(https?|socks5):$/.test(urlOf(cluster.proxyUrl)?.protocol ?? ''))
    throw wrong('proxy-url', 'must be a URL of http, https or socks5');
  return { ...cluster, server: url!.href.replace(/\/$/, '') };
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** What a user says. */
function userPart(user: UserEntry): Partial<ClusterConfig> {
  const { file, path, authProvider, as, asUid, asGroups, asExtra, ...credentials } = user;
  const wrong = (field: string, problem: string): Error => kubeconfigError(file, `${path}.${field}`, problem);
  if (authProvider !== undefined)
    throw wrong(
      'auth-provider',
      `${JSON.stringify(authProvider)} is not supported: use an exec plugin, as kubectl does`,
    );
  const token = (user.token ?? user.tokenFile) !== undefined;
  if (token && (user.username ?? user.password) !== undefined)
    throw wrong('username', 'must not be given together with a token: only one way to authenticate is allowed');
  if (user.clientCertificate !== undefined && user.clientKey === undefined)
    throw wrong('client-key', 'is missing: a client-certificate must have one');
  if (user.clientKey !== undefined && user.clientCertificate === undefined)
    throw wrong('client-certificate', 'is missing: a client-key must have one');
  if (as === undefined && (asUid ?? asGroups ?? asExtra) !== undefined)
    throw wrong('as', 'is missing: as-uid, as-groups and as-user-extra need it');
  const impersonate = as === undefined ? undefined : impersonationOf(as, asUid, asGroups, asExtra);
  return { ...credentials, ...(impersonate && { impersonate }) };
}

function impersonationOf(
  user: string,
  uid: string | undefined,
  groups: readonly string[] | undefined,
  extra: Readonly<Record<string, readonly string[]>> | undefined,
): Impersonation {
  return { user, ...(uid !== undefined && { uid }), ...(groups && { groups }), ...(extra && { extra }) };
}
