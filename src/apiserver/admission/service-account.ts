import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeObject, newFailure, newNotFound } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import { generatedName } from '../registry/generated-name.ts';
import type { PluginDeps } from './plugin-deps.ts';
import { isPod } from './is-pod.ts';
import { refersTo } from './references.ts';

const DEFAULT_ACCOUNT = 'default';
const MIRROR = 'kubernetes.io/config.mirror';
const ENFORCE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_VOLUME = 'kube-api-access-';
/** An hour, and so much more that who does not read the token again shows in metrics before it ends. */
const TOKEN_SECONDS = 3607;
/** What strconv.ParseBool takes for true. */
const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

interface EnvVar {
  readonly name: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name?: string } };
}

interface Container {
  readonly name: string;
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly { readonly secretRef?: { readonly name?: string } }[];
  volumeMounts?: readonly { readonly mountPath: string }[];
}

/** How often the account of a namespace is looked for; others are there or not. */
const DEFAULT_ATTEMPTS = 10;
const ATTEMPT_MS = 150;

/** Pods run as a service account that exists, with its token and its secrets for pulling images. */
export function serviceAccount(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    async mutate(attributes) {
      if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
      const pod = attributes.object!;
      if (isMirror(pod)) return checkMirror(attributes);
      pod.spec.serviceAccountName ||= DEFAULT_ACCOUNT;
      const account = await accountOf(deps, attributes);
      if (pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod);
      const secrets = (account.imagePullSecrets ?? []).map(({ name }: { name?: string }) => ({ name: name ?? '' }));
      if ((pod.spec.imagePullSecrets ?? []).length === 0 && secrets.length > 0) pod.spec.imagePullSecrets = secrets;
      checkSecrets(attributes, account);
    },
    async validate(attributes) {
      const { operation, resource, subresource, object } = attributes;
      if (operation === 'UPDATE' && resource.group === '' && resource.resource === 'pods') {
        if (subresource === 'ephemeralcontainers') await checkEphemeral(deps, attributes);
        return;
      }
      if (!isPod(attributes) || operation !== 'CREATE') return;
      if (isMirror(object!)) return checkMirror(attributes);
      requireAccount(attributes);
      checkSecrets(attributes, await accountOf(deps, attributes));
    },
  };
}

function isMirror({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[MIRROR] !== undefined;
}

/** What a kubelet shows of its own pods refers to nothing in the cluster. */
function checkMirror(attributes: AdmissionAttributes): void {
  const { spec } = attributes.object!;
  if (spec.serviceAccountName) throw admissionForbidden(attributes, 'a mirror pod may not reference service accounts');
  if (refersTo('secrets', spec)) throw admissionForbidden(attributes, 'a mirror pod may not reference secrets');
  const sources = (spec.volumes ?? []).flatMap((volume: Volume) => volume.projected?.sources ?? []);
  if (sources.some((source: { serviceAccountToken?: object }) => source.serviceAccountToken !== undefined))
    throw admissionForbidden(attributes, 'a mirror pod may not use ServiceAccountToken volume projections');
}

interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName?: string };
  readonly projected?: { readonly sources?: readonly { readonly serviceAccountToken?: object }[] };
}

function requireAccount(attributes: AdmissionAttributes): void {
  const { object, namespace } = attributes;
  if (object!.spec.serviceAccountName) return;
  throw admissionForbidden(
    attributes,
    `no service account specified for pod ${namespace}/${object!.metadata.name ?? ''}`,
  );
}

/** That of a new namespace may need a moment, as a controller makes it. @throws StatusError Forbidden if there is no such account */
async function accountOf(deps: PluginDeps, attributes: AdmissionAttributes): Promise<KubeObject> {
  const { namespace, object } = attributes;
  const name: string = object!.spec.serviceAccountName;
  const accounts = deps.resources.builtin('', 'v1', 'serviceaccounts');
  for (let attempt = 0; attempt < (name === DEFAULT_ACCOUNT ? DEFAULT_ATTEMPTS : 1); attempt++) {
    if (attempt > 0) await sleep(ATTEMPT_MS);
    const account = await deps.store.known(accounts, namespace, name);
    if (account !== undefined) return account;
  }
  const { message } = newNotFound({ group: '', resource: 'serviceaccount' }, name);
  throw admissionForbidden(attributes, `error looking up service account ${namespace}/${name}: ${message}`);
}

/** Every container gets the token of the account, unless something else is mounted in its place. */
function mountToken({ spec }: KubeObject): void {
  const existing = (spec.volumes ?? []).find(({ name }: Volume) => name.startsWith(TOKEN_VOLUME));
  const name = existing?.name ?? generatedName(TOKEN_VOLUME);
  let needed = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])] as Container[]) {
    const mounts = container.volumeMounts ?? [];
    if (mounts.some(({ mountPath }) => mountPath === TOKEN_PATH)) continue;
    const mount = { name, readOnly: true, mountPath: TOKEN_PATH };
    container.volumeMounts = [...mounts, mount];
    needed = true;
  }
  if (needed && existing === undefined) spec.volumes = [...(spec.volumes ?? []), { name, projected: tokenSources() }];
}

function tokenSources(): object {
  return {
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: 0o644,
  };
}

function limitsSecrets({ metadata }: KubeObject): boolean {
  return TRUE.has(metadata.annotations?.[ENFORCE_SECRETS] ?? '');
}

/** An account can be limited to the secrets that it lists. */
function checkSecrets(attributes: AdmissionAttributes, account: KubeObject): void {
  if (!limitsSecrets(account)) return;
  const { spec } = attributes.object!;
  const names = namesIn(account.secrets);
  const end = `is not allowed because service account ${account.metadata.name} does not reference that`;
  const refuse = (why: string): Error => admissionForbidden(attributes, why);
  for (const { secret } of (spec.volumes ?? []) as Volume[]) {
    const name = secret?.secretName ?? '';
    if (secret !== undefined && !names.has(name))
      throw admissionForbidden(attributes, `volume with secret.secretName="${name}" ${end} secret`);
  }
  checkContainers(refuse, 'init container', spec.initContainers, names, end);
  checkContainers(refuse, 'container', spec.containers, names, end);
  const pullNames = namesIn(account.imagePullSecrets);
  for (const [i, { name = '' }] of (spec.imagePullSecrets ?? []).entries())
    if (!pullNames.has(name))
      throw admissionForbidden(attributes, `imagePullSecrets[${i}].name="${name}" ${end} imagePullSecret`);
}

function namesIn(references: readonly { readonly name?: string }[] = []): Set<string> {
  return new Set(references.map(({ name = '' }) => name));
}

function checkContainers(
  refuse: (why: string) => Error,
  what: string,
  containers: readonly Container[] = [],
  names: ReadonlySet<string>,
  end: string,
): void {
  for (const { name, env = [], envFrom = [] } of containers) {
    const refusal = (how: string, secret: string): Error =>
      refuse(`${what} ${name} with ${how} referencing secret.secretName="${secret}" ${end} secret`);
    for (const { name: variable, valueFrom } of env) {
      const secret = valueFrom?.secretKeyRef;
      if (secret !== undefined && !names.has(secret.name ?? '')) throw refusal(`envVar ${variable}`, secret.name ?? '');
    }
    for (const { secretRef } of envFrom)
      if (secretRef !== undefined && !names.has(secretRef.name ?? '')) throw refusal('envFrom', secretRef.name ?? '');
  }
}

async function checkEphemeral(deps: PluginDeps, attributes: AdmissionAttributes): Promise<void> {
  requireAccount(attributes);
  const account = await accountOf(deps, attributes);
  if (!limitsSecrets(account)) return;
  const end = `is not allowed because service account ${account.metadata.name} does not reference that`;
  const { ephemeralContainers } = attributes.object!.spec;
  // these are no refusals in the real server, but errors of its own
  checkContainers(
    (why) => newFailure(500, '', why),
    'ephemeral container',
    ephemeralContainers,
    namesIn(account.secrets),
    end,
  );
}
