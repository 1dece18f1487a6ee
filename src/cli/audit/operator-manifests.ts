import type { KubeObject } from 'nekube/apimachinery';
import type { Declared, OperatorService } from 'nekube/audit';
import { CliError, type Io } from '../io.ts';
import { filesIn, readObjectFiles } from '../object-files.ts';
import { namedAccount } from './account.ts';
import { definitionsOf, isServed, samplesOf } from './operator-kinds.ts';
import { operatorPod } from './operator-pod.ts';
import { namesWebhooks, operatorServices } from './operator-services.ts';
import type { RunFlags } from './run-command.ts';

/** What says where an operator's manifests are, and of which kinds it is. */
export type ManifestFlags = Pick<RunFlags, 'manifests' | 'sample' | 'kind' | 'serviceaccount'>;

/** What the manifests of an operator come to. */
export interface OperatorManifests {
  /** To be installed, in this order. */
  readonly objects: readonly KubeObject[];
  readonly rbac: readonly KubeObject[];
  /** Those that its webhooks name. */
  readonly services: readonly OperatorService[];
  /** One of a kind: those that were named, or that the manifests have; of the kinds that were asked for. */
  readonly samples: readonly KubeObject[];
  /** Of the kinds that were asked for; of all, where none was. */
  readonly definitions: readonly KubeObject[];
  readonly account: { readonly namespace: string; readonly name: string };
  /** Of the operator's own container: those whose values are known. */
  readonly env: Readonly<Record<string, string>>;
  readonly declared: Declared;
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod'];
const WEBHOOKS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];
const RBAC = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'];
/** Of the Operator Lifecycle Manager, of OpenShift and of kustomize: they say something about the operator, and no API server has them. */
const BESIDE = ['ClusterServiceVersion', 'Kustomization', 'PackageManifest'];
/** Files that say how others are changed: kustomizations, their configuration, patches. */
const OF_KUSTOMIZE = /(^|[/\\])(kustomization|kustomizeconfig)\.ya?ml$|[/\\]patches[/\\]|_patch\.ya?ml$/;
/** What must be there before others, in this order. */
const FIRST = ['Namespace', 'CustomResourceDefinition', 'ServiceAccount', ...RBAC];

/**
 * Reads an operator's manifests: what is to be installed, as whom it runs, and on which resource it is probed.
 *
 * @throws CliError for a file that cannot be read, and where account or sample are not clear
 */
export async function readOperatorManifests(flags: ManifestFlags, io: Io): Promise<OperatorManifests> {
  const all = await objectsOf(flags.manifests, io);
  const workloads = all.filter(isOf(WORKLOADS));
  const elsewhere = all.filter((one) => isOf(WEBHOOKS)(one) && !namesWebhooks(one));
  const webhooks = elsewhere.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  for (const one of webhooks) io.stderr(`note: ${one} is left out: it does not say where its webhooks are\n`);
  const capability = all.map(({ metadata }) => metadata.annotations?.capabilities).find((one) => one !== undefined);
  const definitions = definitionsOf(all, flags.kind);
  const given = await objectsOf(flags.sample ?? [], io);
  const samples = samplesOf({ given, all, definitions, isNarrow: flags.kind !== undefined });
  if (samples.length === 0 && definitions.length === 0)
    throw new CliError('There is no resource to probe the operator with', { hint: '--sample FILE' });
  const unserved = unservedOf(all, io);
  const isInstalled = (one: KubeObject): boolean =>
    !isOf([...WORKLOADS, 'Service', ...BESIDE])(one) &&
    ![samples, elsewhere, unserved].some((left) => left.includes(one));
  const rest = all.filter(isInstalled);
  const account = accountOf(flags, workloads, all);
  const objects = withNamespaces(
    [...rest].sort((a, b) => rankOf(a) - rankOf(b)),
    account.namespace,
  );
  const { env, lacks } = operatorPod(workloads[0], account, all);
  const declared = { webhooks, lacks, ...(capability !== undefined && { capability }) };
  const services = operatorServices(all, workloads);
  return { objects, rbac: all.filter(isOf(RBAC)), services, samples, definitions, account, env, declared };
}

/** Objects of kinds that nobody would serve, and says so. */
function unservedOf(all: readonly KubeObject[], io: Io): readonly KubeObject[] {
  const unserved = all.filter((one) => !isOf(BESIDE)(one) && !isServed(one, all));
  if (unserved.length > 0) {
    const kinds = [...new Set(unserved.map(({ apiVersion, kind }) => `${kind} of ${apiVersion}`))].join(', ');
    io.stderr(`note: ${unserved.length} left out, of kinds that the manifests do not define: ${kinds}\n`);
  }
  return unserved;
}

/** Of folders what kustomize reads and no server is left out; files that are named are read as they are. */
async function objectsOf(files: readonly string[], io: Io): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const file of files) {
    const found = await filesIn(file, true, io);
    const left = found.filter((one) => one !== file && OF_KUSTOMIZE.test(one));
    if (left.length > 0)
      io.stderr(`note: ${left.join(', ')}: left out; what kustomize makes of them is read with "kubectl kustomize"\n`);
    const read = found.filter((one) => !left.includes(one));
    for await (const { object } of readObjectFiles(read, {}, io)) objects.push(object);
  }
  return objects;
}

function isOf(kinds: readonly string[]): (object: KubeObject) => boolean {
  return ({ kind }) => kinds.includes(kind ?? '');
}

function rankOf({ kind = '' }: KubeObject): number {
  return FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length;
}

function accountOf(flags: ManifestFlags, workloads: readonly KubeObject[], all: readonly KubeObject[]) {
  if (flags.serviceaccount !== undefined) return namedAccount(flags.serviceaccount);
  const [workload] = workloads;
  const name = workload?.spec?.template?.spec?.serviceAccountName;
  if (typeof name === 'string') return { namespace: workload?.metadata.namespace ?? 'default', name };
  const accounts = all.filter(isOf(['ServiceAccount']));
  if (accounts.length !== 1) {
    const why = accounts.length === 0 ? 'have no service account' : `have ${accounts.length} service accounts`;
    throw new CliError(`The manifests ${why}: as whom the operator runs is not clear`, {
      hint: '--serviceaccount NAMESPACE/NAME',
    });
  }
  const { metadata } = accounts[0]!;
  return { namespace: metadata.namespace ?? 'default', name: metadata.name ?? '' };
}

/** Namespaces that objects are in and nobody makes. */
function withNamespaces(objects: readonly KubeObject[], home: string): KubeObject[] {
  const made = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);
  for (const { kind, metadata } of objects) if (kind === 'Namespace') made.add(metadata.name ?? '');
  const needed = new Set([home, ...objects.map(({ metadata }) => metadata.namespace ?? 'default')]);
  const missing = [...needed].filter((name) => !made.has(name));
  return [
    ...missing.map((name): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...objects,
  ];
}
