import type { JsonValue } from 'nekube/apimachinery';

/** A kubeconfig, or several that were merged. Nothing that it names has been read; paths are absolute. */
export interface Kubeconfig {
  /** The files that it came from, for messages. */
  readonly files: readonly string[];
  readonly currentContext?: string;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
}

/** Where an entry stands, for messages. */
export interface EntryPlace {
  readonly file: string;
  /** `clusters[0].cluster` */
  readonly path: string;
}

/** Which cluster, as whom, and in which namespace. */
export interface ContextEntry extends EntryPlace {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** What is in a file, or in the kubeconfig itself. */
export type PemSource = { readonly file: string } | { readonly pem: string };

/** How a cluster is reached. */
export interface ClusterEntry extends EntryPlace {
  /** A URL, perhaps with a path before all others. */
  readonly server?: string;
  /** Who may have signed its certificate; absent: whom the system trusts. */
  readonly ca?: PemSource;
  /** True: its certificate is not checked. */
  readonly insecure?: boolean;
  /** The name in its certificate, if not that of the URL. */
  readonly serverName?: string;
  readonly proxyUrl?: string;
  readonly disableCompression?: boolean;
  /** What it says to exec plugins: the extension `client.authentication.k8s.io/exec`. */
  readonly execConfig?: JsonValue;
}

/** A program that gives credentials. */
export interface ExecConfig {
  readonly apiVersion: string;
  /** A name that is looked for on PATH, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint?: string;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
}

/** Who asks. */
export interface UserEntry extends EntryPlace {
  readonly clientCertificate?: PemSource;
  readonly clientKey?: PemSource;
  readonly token?: string;
  /** Is read again now and then; goes before `token`. */
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: ExecConfig;
  /** The name of a mechanism that Kubernetes has no more. */
  readonly authProvider?: string;
  readonly as?: string;
  readonly asUid?: string;
  readonly asGroups?: readonly string[];
  readonly asExtra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Several as one, as kubectl merges them: of a value, or of an entry of one name, the first counts, and is not mixed with
 * others.
 */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const currentContext = configs.find((config) => config.currentContext)?.currentContext;
  const first = <K extends 'contexts' | 'clusters' | 'users'>(list: K): Kubeconfig[K] =>
    new Map(configs.toReversed().flatMap((config) => [...config[list]] as [string, never][]));
  return {
    files: configs.flatMap(({ files }) => files),
    ...(currentContext !== undefined && { currentContext }),
    contexts: first('contexts'),
    clusters: first('clusters'),
    users: first('users'),
  };
}
