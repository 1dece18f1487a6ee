import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type KubeletOptions,
  loadOrCreatePki,
  type Pki,
  type PluginSelection,
  type RunningServer,
  type ServerOptions,
  startServer,
} from 'nekube/apiserver';
import type { Transport } from 'nekube/client';
import type { EtcdOptions, Storage } from 'nekube/storage';
import { type AccessOptions, accessOptions, withOwnProxy } from './access-options.ts';
import { flagsForControllers } from './admission-flags.ts';
import { admissionOptions } from './admission-options.ts';
import { auditOptions } from './audit-options.ts';
import type { ConsolePlace } from './console.ts';
import { etcdOptions, refuseEtcdFiles } from './etcd-options.ts';
import { formatAddress, isUnspecified, type ListenAddress, parseListenAddress } from './address.ts';
import { keepMemorySmall } from './idle-memory.ts';
import { CliError, type Io, messageOf } from './io.ts';
import { checkReplaceable, writeKubeconfig } from './kubeconfig.ts';
import { flagsForNodes } from './node-flags.ts';
import { kubeletFlagOptions } from './kubelet-options.ts';
import { kubeletOptions, NodeReach } from './node-reach.ts';
import { requestOptions } from './request-options.ts';
import { servingNames } from './serving-names.ts';
import { parseStorageChoice, type StorageChoice } from './storage-flag.ts';
import { openEtcdStorage, openStorage } from './storage.ts';
import { tlsFiles } from './tls-files.ts';
import type { UpFlags } from './up-command.ts';

/** The flags, read and checked. */
interface UpOptions {
  readonly listen: ListenAddress;
  readonly storage: StorageChoice;
  /** Where the storage is etcd. */
  readonly etcd?: EtcdOptions;
  readonly certDir: string;
  readonly kubeconfig: string;
  readonly access: AccessOptions;
  readonly plugins: PluginSelection;
  readonly policyStatus: boolean;
  readonly serviceClusterIpRange: string;
  readonly audit: ServerOptions['audit'];
  readonly requests: ReturnType<typeof requestOptions>;
  readonly kubelet: KubeletOptions;
  /** How nodes of this process, and their pods, are reached. */
  readonly reach?: NodeReach;
  readonly console?: ConsoleChoice;
}

/** Where the console is, and by which certificate; absent: the server's own, where one is needed. */
type ConsoleChoice = Pick<ConsolePlace, 'listen' | 'tls'>;

/** A second is promised from the signal to the end; what is acknowledged is durable, so closing may be cut short. */
const CLOSE_MS = 700;
/** The console's part of that; pages are cut off after it. */
const CLOSE_CONSOLE_MS = 300;

/**
 * Runs the API server until `io.signal` is aborted. Nothing is opened before all flags are checked, and what was
 * opened is closed again when a later step fails.
 *
 * @throws CliError, saying which flag would help
 */
export async function up(flags: UpFlags, io: Io): Promise<void> {
  const controllers = await controllersIn(flags);
  const options = checkFlags({ ...flags, ...flagsForControllers(flags, controllers) }, io);
  const nodes = await nodesToRun(flags, options, controllers, io);
  const beside = [await loopsToRun(controllers, { ...flags, volumes: volumesOf(flags, options) }, io), nodes];
  const storage = await openChosen(options, io);
  try {
    const all = [...beside, await metricsToForget(options, storage, nodes)];
    const server = await serve(options, storage, io, { beside: all, gateway: gatewayToRun(flags, options) });
    io.stderr(`nekube: ready ${server.url} in ${Math.round(io.elapsedMs())} ms\n`);
    const closeConsole = await consoleBeside(options, server, io);
    const stopKeeping = keepMemorySmall();
    await aborted(io.signal);
    stopKeeping();
    await Promise.race([closeConsole?.(), sleep(CLOSE_CONSOLE_MS)]);
    await server.drain();
    await Promise.race([server.close(), sleep(CLOSE_MS)]);
  } finally {
    await Promise.race([storage.close(), sleep(CLOSE_MS)]);
  }
}

/** It is loaded when the server is ready already. What it cannot do ends the server. */
async function consoleBeside(
  { console }: UpOptions,
  server: Serving,
  io: Io,
): Promise<(() => Promise<void>) | undefined> {
  if (console === undefined) return undefined;
  try {
    const [{ serveConsole }, { isLoopback }] = await Promise.all([import('./console.ts'), import('nekube/console')]);
    const tls = console.tls ?? (isLoopback(console.listen.host) ? undefined : server.tls);
    return await serveConsole({ ...console, ...(tls && { tls }), transport: server.admin() }, io, '--console');
  } catch (error) {
    await server.close();
    throw error;
  }
}

function openChosen({ storage, etcd }: UpOptions, io: Io): Promise<Storage> {
  if (etcd !== undefined) return openEtcdStorage(etcd, (line) => io.stderr(`nekube: ${line}\n`));
  return openStorage(storage as Exclude<StorageChoice, { kind: 'etcd' }>);
}

function checkFlags(given: UpFlags, io: Io): UpOptions {
  const flags = given.nodes > 0 ? { ...given, ...flagsForNodes(given) } : given;
  const kubeconfig = resolve(io.cwd, flags.kubeconfig);
  checkReplaceable(kubeconfig);
  const warn = (message: string): void => io.stderr(`nekube: warning: ${message}\n`);
  const listen = parseListenAddress(flags.listen);
  const storage = parseStorageChoice(flags.storage, io.cwd);
  if (storage.kind !== 'etcd') refuseEtcdFiles(flags);
  return {
    listen,
    storage,
    ...(storage.kind === 'etcd' && { etcd: etcdOptions(storage, flags, io.cwd) }),
    certDir: resolve(io.cwd, flags.certDir),
    kubeconfig,
    access: accessOptions(flags, io.cwd, warn),
    plugins: admissionOptions(flags, io.cwd),
    policyStatus: flags.policyStatus === 'all',
    serviceClusterIpRange: flags.serviceClusterIpRange,
    audit: auditOptions(flags, io.cwd, warn),
    requests: requestOptions(flags),
    kubelet: kubeletFlagOptions(flags, io.cwd),
    ...(flags.nodes > 0 && { reach: new NodeReach() }),
    ...(flags.console !== 'off' && { console: consoleChoice(flags, io) }),
  };
}

function consoleChoice({ console, consoleTlsCertFile, consoleTlsKeyFile }: UpFlags, { cwd }: Io): ConsoleChoice {
  const files = { cert: consoleTlsCertFile, key: consoleTlsKeyFile };
  const tls = tlsFiles(files, cwd, { cert: '--console-tls-cert-file', key: '--console-tls-key-file' });
  return { listen: parseListenAddress(console), ...(tls && { tls }) };
}

/** Where volumes of claims are; undefined: they end with this process, as the claims do. */
function volumesOf({ localPath }: UpFlags, { storage }: UpOptions): string | undefined {
  return localPath ?? (storage.kind === 'memory' ? undefined : '.nekube/volumes');
}

/** Starts what runs beside a server that is ready, and gives what stops it. */
type Beside = (server: RunningServer, pki: Pki, io: Io) => Promise<() => Promise<void>>;

/** The names that are asked for. They are loaded only then. @throws CliError for a name that is none of theirs */
async function controllersIn({ controllers }: UpFlags): Promise<readonly string[]> {
  return controllers === 'none' ? [] : (await import('./controllers.ts')).controllersOf(controllers);
}

/** Controllers are loaded only if some are asked for, the scheduler if it is, or pods have nodes to go to. */
async function loopsToRun(
  controllers: readonly string[],
  {
    volumes,
    nodes,
    ...asked
  }: Pick<UpFlags, 'nodes' | 'scheduler' | 'horizontalPodAutoscalerSyncPeriod' | 'namespaceDeletionGrace'> & {
    readonly volumes: string | undefined;
  },
  { cwd }: Io,
): Promise<Beside | undefined> {
  const scheduler = asked.scheduler === true || nodes > 0;
  if (controllers.length === 0 && !scheduler) return undefined;
  const { runControlLoops } = await import('./control-loops.ts');
  const settings = {
    horizontalPodAutoscalerSyncPeriodMs: asked.horizontalPodAutoscalerSyncPeriod,
    namespaceDeletionGraceMs: asked.namespaceDeletionGrace,
  };
  const loops = {
    controllers,
    scheduler,
    settings,
    ...(volumes !== undefined && { localPath: resolve(cwd, volumes) }),
  };
  return (server, pki, io) => runControlLoops(loops, { server, pki, io });
}

/** It is loaded only if it is asked for. */
function gatewayToRun({ gateway }: UpFlags, options: UpOptions): Beside | undefined {
  if (gateway === undefined) return undefined;
  const reach = options.reach?.reach.bind(options.reach);
  return async (server, pki, io) => {
    const { runGatewayBeside } = await import('./gateway/beside.ts');
    return runGatewayBeside(gateway, { server, pki, io, reach });
  };
}

/** They are loaded only if there are some. @throws CliError for flags that do not go with nodes */
async function nodesToRun(
  flags: UpFlags,
  options: UpOptions,
  controllers: readonly string[],
  io: Io,
): Promise<Beside | undefined> {
  if (flags.nodes === 0) return refuseWithoutNodes(flags);
  const [{ nodeOptions }, { runNodes }] = await Promise.all([import('./node-options.ts'), import('./nodes.ts')]);
  const { storage, serviceClusterIpRange } = options;
  const [serviceRange = ''] = serviceClusterIpRange.split(',').filter((range) => !range.includes(':'));
  const nodes = nodeOptions({ ...flags, ...(serviceRange !== '' && { serviceRange }) }, io);
  const { enterNamespaces } = await import('./own-namespaces.ts');
  const gate = await enterNamespaces(flags.network);
  const dir = storage.kind === 'lmdb' ? resolve(storage.dir, 'nodes') : undefined;
  const isKept = storage.kind !== 'memory';
  const place = {
    io,
    dir,
    isKept,
    reach: options.reach,
    controllers,
    gate,
    ...(serviceRange !== '' && { serviceRange }),
  };
  return (server, pki) => {
    const { frontProxy, proxyClient } = withOwnProxy(options.access, () => pki.frontProxy());
    return runNodes(nodes, { server, pki, frontProxy: proxyClient && frontProxy, ...place });
  };
}

/** Where the APIService of resource metrics is kept. */
const METRICS_KEY = '/registry/apiregistration.k8s.io/apiservices/v1beta1.metrics.k8s.io';

/** One that had nodes and was killed may have left that it serves metrics, which discovery would wait for. */
async function metricsToForget(
  { storage: choice }: UpOptions,
  storage: Storage,
  nodes: Beside | undefined,
): Promise<Beside | undefined> {
  if (nodes !== undefined || choice.kind !== 'lmdb') return undefined;
  if ((await storage.head(METRICS_KEY)) === undefined) return undefined;
  const { forgetResourceMetrics } = await import('./resource-metrics.ts');
  return async (server, pki) => {
    await forgetResourceMetrics(server, pki);
    return async () => {};
  };
}

/** @throws CliError for flags that say nothing without nodes */
function refuseWithoutNodes({ images, network, serviceRouter, clusterCidr }: UpFlags): undefined {
  const given = Object.entries({
    '--images': images,
    '--network': network,
    '--service-router': serviceRouter,
    '--cluster-cidr': clusterCidr,
  });
  const flag = given.find(([, value]) => value !== undefined)?.[0];
  if (flag === undefined) return undefined;
  throw new CliError(`${flag} is about nodes, and there are none`, { hint: `add --nodes 1, or leave out ${flag}` });
}

/** What runs beside the server. */
interface BesideServer {
  readonly beside: readonly (Beside | undefined)[];
  /** Is started last, and stopped first: its clients are answered by the others. */
  readonly gateway: Beside | undefined;
}

/** A server, and what runs beside it. */
interface Serving extends Pick<RunningServer, 'url' | 'close'> {
  /** The serving certificate. */
  readonly tls: { readonly cert: string; readonly key: string };
  /** Reaches it without a socket as the admin of the kubeconfig. */
  admin(): Transport;
  /** Ends what has clients of its own, when these have their answers. */
  drain(): Promise<void>;
}

/** Starts the server, writes the kubeconfig, and starts what runs beside. */
async function serve(
  options: UpOptions,
  storage: Storage,
  io: Io,
  { beside, gateway }: BesideServer,
): Promise<Serving> {
  const { listen, serviceClusterIpRange } = options;
  const names = servingNames(listen, serviceClusterIpRange);
  const pki = loadOrCreatePki(pkiDirOf(options), { ...names, now: () => new Date() });
  const server = await listening(listen, () =>
    startServer({
      listen,
      storage,
      pki,
      ...withOwnProxy(options.access, () => pki.frontProxy()),
      plugins: options.plugins,
      policyStatus: options.policyStatus,
      serviceClusterIpRange,
      ...(options.audit && { audit: options.audit }),
      ...options.requests,
      kubelet: { ...(options.reach && kubeletOptions(pki)), ...options.kubelet },
      ...(options.reach && { podNetwork: options.reach }),
      log: (message) => io.stderr(`nekube: ${message}\n`),
    }),
  );
  const { cert, key } = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const url = reachableUrl(server.url);
  try {
    writeKubeconfig(options.kubeconfig, { server: url, caCert: pki.caCert, clientCert: cert, clientKey: key });
  } catch (cause) {
    await server.close();
    throw new CliError(`Cannot write the kubeconfig: ${messageOf(cause)}`, {
      hint: 'name a writable file with --kubeconfig',
      cause,
    });
  }
  const stops: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(stops.map((stop) => stop()));
    await server.close();
  };
  try {
    for (const start of beside) if (start !== undefined) stops.push(await start(server, pki, io));
    const drain = await gateway?.(server, pki, io);
    return {
      url,
      tls: { cert: pki.servingCert, key: pki.servingKey },
      admin: () => ({ url, ...server.connect({ certificate: cert }) }),
      close,
      drain: async () => drain?.(),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Certificates are kept with the data; those of a memory storage end with it. Keys are nothing for etcd. */
function pkiDirOf({ storage, certDir }: UpOptions): string | undefined {
  if (storage.kind === 'memory') return undefined;
  return storage.kind === 'lmdb' ? resolve(storage.dir, 'pki') : certDir;
}

/** Says which address could not be had. */
async function listening(listen: ListenAddress, start: () => Promise<RunningServer>): Promise<RunningServer> {
  try {
    return await start();
  } catch (cause) {
    const known = LISTEN_FAILURES[(cause as NodeJS.ErrnoException).code ?? ''];
    if (known === undefined) throw cause;
    throw new CliError(`Cannot listen on ${formatAddress(listen)}: ${known.why}`, { hint: known.hint, cause });
  }
}

const OTHER_ADDRESS = 'choose an address of this machine with --listen';
const LISTEN_FAILURES: Readonly<Record<string, { readonly why: string; readonly hint: string }>> = {
  EADDRINUSE: {
    why: 'the address is in use',
    hint: 'end the program that listens there, or choose another port with --listen (0 takes a free one)',
  },
  EACCES: { why: 'permission denied', hint: 'choose a port above 1023 with --listen' },
  EADDRNOTAVAIL: { why: 'this machine does not have the address', hint: OTHER_ADDRESS },
  ENOTFOUND: { why: 'the name is not known', hint: OTHER_ADDRESS },
};

/** A server that listens everywhere is reached on the loopback address. */
function reachableUrl(url: string): string {
  const { hostname, port } = new URL(url);
  return isUnspecified(hostname.replace(/^\[|\]$/g, '')) ? `https://127.0.0.1:${port}` : url;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
