import { setTimeout as sleep } from 'node:timers/promises';
import {
  KUBERNETES_VERSION,
  type RunningServer,
  type ServerOptions,
  serverVersion,
  startServer,
} from 'nekube/apiserver';
import type { EtcdOptions, Storage } from 'nekube/storage';
import { accessOptions } from '../access-options.ts';
import { admissionOptions } from '../admission-options.ts';
import { auditOptions } from '../audit-options.ts';
import { type EtcdChoice, etcdOptions, parseEtcdUrls } from '../etcd-options.ts';
import { keepMemorySmall } from '../idle-memory.ts';
import { requestOptions } from '../request-options.ts';
import { openEtcdStorage } from '../storage.ts';
import { checkFirst, checkPair, problemsOf } from './checks.ts';
import { changedGates, readFeatureGates } from './feature-gates.ts';
import { checkFiles } from './files.ts';
import type { FlagValues } from './flag-values.ts';
import { logLine } from './klog.ts';
import type { KubeApiserverFacts } from './known-flags.ts';
import { aborted, type ProgramIo } from './program-io.ts';
import { readRuntimeConfig } from './runtime-config.ts';
import { serverFlags } from './server-flags.ts';
import { servingPki } from './serving-pki.ts';
import { trustedCas } from './trusted-cas.ts';
import { withoutEffect } from './without-effect.ts';

/** What is acknowledged is in etcd, so that closing may be cut short. */
const CLOSE_MS = 100;

/** What `--version` prints; undefined where it names a version to be reported instead. */
export function versionText(values: FlagValues): string | undefined {
  const asked = values.text('version');
  if (asked === 'raw') {
    const fields = Object.entries(serverVersion).map(([name, value]) => `${name}:${JSON.stringify(value)}`);
    return `version.Info{${fields.map((field) => field[0]!.toUpperCase() + field.slice(1)).join(', ')}}\n`;
  }
  return values.bool('version', false) === true ? `Kubernetes v${KUBERNETES_VERSION}\n` : undefined;
}

/**
 * Serves until the signal is aborted.
 *
 * @throws Error with kube-apiserver's message for flags that do not hold, and for what cannot be had
 */
export async function serveApi(values: FlagValues, facts: KubeApiserverFacts, io: ProgramIo): Promise<void> {
  const checked = checkFlags(values, facts, io);
  const log = (line: string): void => io.stderr(logLine('I', line));
  const ended = aborted(io.signal);
  const storage = await Promise.race([openEtcdStorage(checked.etcd, log), ended]);
  if (storage === undefined) return;
  const server = await serving(checked.options, storage);
  log(`Serving securely on ${server.url}`);
  const stopKeeping = keepMemorySmall();
  await ended;
  stopKeeping();
  await Promise.race([server.close().then(() => storage.close()), sleep(CLOSE_MS)]);
}

/** How a server is started that listens. */
type ListeningOptions = Omit<ServerOptions, 'storage'> & Required<Pick<ServerOptions, 'listen'>>;

/** The flags, read and checked. */
interface Checked {
  readonly options: ListeningOptions;
  readonly etcd: EtcdOptions;
}

/** @throws Error with kube-apiserver's message */
export function checkFlags(values: FlagValues, facts: KubeApiserverFacts, { cwd, env, stderr }: ProgramIo): Checked {
  const gates = readFeatureGates(values.list('feature-gates'), facts.gates);
  checkFirst(values);
  const problems = [...new Set(problemsOf(values, facts.groupVersions))];
  if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`);
  checkPair(values);
  checkFiles(values, cwd);
  const versions = readRuntimeConfig(values.list('runtime-config'), facts.groupVersions);
  for (const note of withoutEffect(values, changedGates(gates, facts.gates), versions)) stderr(logLine('I', note));
  const warn = (message: string): void => stderr(logLine('W', message));
  const flags = serverFlags(values);
  const [serviceClusterIpRange = ''] = values.text('service-cluster-ip-range').split(',');
  const listen = { host: values.text('bind-address') || '0.0.0.0', port: values.number('secure-port', 6443) };
  const audit = auditOptions(flags, cwd, warn);
  const trusted = trustedCas(env);
  const options = {
    listen,
    ...accessOptions(flags, cwd, warn),
    pki: servingPki(values, listen, cwd),
    plugins: admissionOptions(flags, cwd),
    ...(serviceClusterIpRange !== '' && { serviceClusterIpRange }),
    ...(audit && { audit }),
    ...requestOptions(flags),
    ...(trusted && { webhookCas: trusted }),
    log: (message: string) => stderr(logLine('W', message)),
  };
  return { options, etcd: withCas(etcdOptions(etcdChoice(values), flags, cwd), trusted) };
}

function withCas(etcd: EtcdOptions, trusted: (() => string) | undefined): EtcdOptions {
  const isSecure = etcd.endpoints.some((endpoint) => endpoint.startsWith('https:'));
  return trusted && isSecure && etcd.tls?.ca === undefined ? { ...etcd, tls: { ...etcd.tls, ca: trusted() } } : etcd;
}

/** @throws Error */
function etcdChoice(values: FlagValues): EtcdChoice {
  const servers = values.list('etcd-servers').join(',');
  const choice = parseEtcdUrls(servers);
  if (choice === undefined) throw new Error(`--etcd-servers has what is no URL: ${servers}`);
  return choice;
}

/** Says which address could not be had. */
async function serving(options: ListeningOptions, storage: Storage): Promise<RunningServer> {
  const { host, port } = options.listen;
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    return await startServer({ ...options, storage });
  } catch (cause) {
    const why = LISTEN_FAILURES[(cause as NodeJS.ErrnoException).code ?? ''];
    if (why === undefined) throw cause;
    const listening = `failed to listen on ${address}: listen tcp ${address}: bind: ${why}`;
    throw new Error(`failed to create listener: ${listening}`, { cause });
  }
}

const LISTEN_FAILURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'cannot assign requested address',
};
