import type { KubeObject } from 'nekube/apimachinery';

/** What the pod of an operator gives it, as far as a local process can have it too. */
export interface OperatorPod {
  readonly env: Readonly<Record<string, string>>;
  /** What a local process lacks of it, as sentences. */
  readonly lacks: readonly string[];
}

interface Container {
  readonly name?: string;
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvSource[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath?: string };
    readonly configMapKeyRef?: KeyRef;
    readonly secretKeyRef?: KeyRef;
    readonly resourceFieldRef?: { readonly resource?: string };
  };
}

interface EnvSource {
  readonly prefix?: string;
  readonly configMapRef?: Ref;
  readonly secretRef?: Ref;
}

interface Ref {
  readonly name?: string;
  readonly optional?: boolean;
}

interface KeyRef extends Ref {
  readonly key: string;
}

interface Volume {
  readonly name: string;
  readonly [source: string]: unknown;
}

/** Sidecars that stand before the operator in what kubebuilder made for long. */
const BESIDE = /^(kube-rbac-proxy|istio-proxy|linkerd-proxy)$/;
const MAIN = 'kubectl.kubernetes.io/default-container';

/**
 * The environment that a workload gives an operator. ConfigMaps and Secrets are taken from the manifests; what is read of the pod is said
 * as for a pod that is called so.
 *
 * @param objects of the manifests
 */
export function operatorPod(
  workload: KubeObject | undefined,
  account: { readonly namespace: string; readonly name: string },
  objects: readonly KubeObject[],
): OperatorPod {
  const template = workload?.spec?.template;
  const containers = (template?.spec?.containers ?? []) as readonly Container[];
  const main: unknown = template?.metadata?.annotations?.[MAIN];
  const container =
    containers.find(({ name }) => name === main) ??
    containers.find(({ name = '' }) => !BESIDE.test(name)) ??
    containers[0];
  if (workload === undefined || container === undefined) return { env: {}, lacks: [] };
  const of = `its ${workload.kind} ${workload.metadata.name}`;
  const pod = new Pod(account, `${workload.metadata.name ?? account.name}-0`, objects);
  const { env, lacks } = pod.environmentOf(container);
  const volumes = (template?.spec?.volumes ?? []) as readonly Volume[];
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath }) => {
    const volume = volumes.find((one) => one.name === name);
    return `${sourceOf(volume) ?? `volume ${name}`} at ${mountPath}`;
  });
  const files = mounts.length === 0 ? [] : [`${of} mounts ${mounts.join(', ')}: the local process has no such files`];
  return { env, lacks: [...lacks.map((one) => `${of} sets ${one}: it is not set here`), ...files] };
}

/** What a volume is made of: `Secret webhook-cert`. */
function sourceOf(volume: Volume | undefined): string | undefined {
  const [source] = Object.entries(volume ?? {}).filter(([field]) => field !== 'name');
  if (source === undefined) return undefined;
  const [kind, of] = source;
  const { name, secretName, claimName } = (of ?? {}) as Record<string, string | undefined>;
  return [kind, name ?? secretName ?? claimName].filter((part) => part !== undefined).join(' ');
}

/** A pod as it would be. */
class Pod {
  readonly #fields: Readonly<Record<string, string>>;
  readonly #namespace: string;
  readonly #objects: readonly KubeObject[];

  constructor({ namespace, name }: { namespace: string; name: string }, pod: string, objects: readonly KubeObject[]) {
    this.#namespace = namespace;
    this.#objects = objects;
    this.#fields = {
      'metadata.namespace': namespace,
      'metadata.name': pod,
      'spec.serviceAccountName': name,
      'spec.nodeName': 'node',
      'status.podIP': '127.0.0.1',
      'status.hostIP': '127.0.0.1',
    };
  }

  environmentOf({ env: variables = [], envFrom = [] }: Container): OperatorPod {
    const env: Record<string, string> = {};
    const lacks: string[] = [];
    for (const { prefix = '', configMapRef, secretRef } of envFrom) {
      const [kind, ref] =
        configMapRef === undefined ? (['Secret', secretRef] as const) : (['ConfigMap', configMapRef] as const);
      const data = this.#dataOf(kind, ref);
      if (data === undefined)
        lacks.push(`its environment from the ${kind} ${ref?.name}, which the manifests do not have`);
      for (const [key, value] of Object.entries(data ?? {})) env[`${prefix}${key}`] = value;
    }
    for (const variable of variables) {
      const value = this.#valueOf(variable);
      if (value === undefined) lacks.push(`${variable.name} from ${whence(variable)}`);
      else env[variable.name] = expanded(value, env);
    }
    return { env, lacks };
  }

  #valueOf({ value, valueFrom }: EnvVar): string | undefined {
    if (valueFrom === undefined) return value ?? '';
    const { fieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
    if (fieldRef !== undefined) return this.#fields[fieldRef.fieldPath ?? ''];
    if (configMapKeyRef !== undefined) return this.#dataOf('ConfigMap', configMapKeyRef)?.[configMapKeyRef.key];
    return secretKeyRef && this.#dataOf('Secret', secretKeyRef)?.[secretKeyRef.key];
  }

  #dataOf(kind: 'ConfigMap' | 'Secret', { name }: Ref = {}): Readonly<Record<string, string>> | undefined {
    const found = this.#objects.find(
      (one) =>
        one.kind === kind && one.metadata.name === name && (one.metadata.namespace ?? 'default') === this.#namespace,
    );
    if (found === undefined) return undefined;
    const { data = {}, stringData = {} } = found as {
      data?: Record<string, string>;
      stringData?: Record<string, string>;
    };
    if (kind === 'ConfigMap') return data;
    const plain = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
    return { ...Object.fromEntries(plain), ...stringData };
  }
}

function whence({ valueFrom }: EnvVar): string {
  const { fieldRef, configMapKeyRef, secretKeyRef, resourceFieldRef } = valueFrom ?? {};
  if (fieldRef !== undefined) return `the field ${fieldRef.fieldPath} of its pod`;
  if (configMapKeyRef !== undefined) return `${configMapKeyRef.key} of the ConfigMap ${configMapKeyRef.name}`;
  if (secretKeyRef !== undefined) return `${secretKeyRef.key} of the Secret ${secretKeyRef.name}`;
  return resourceFieldRef === undefined ? 'elsewhere' : `its ${resourceFieldRef.resource}`;
}

/** A value in which others are named, as in `$(HOST):443`; `$$` is a dollar. */
function expanded(value: string, env: Readonly<Record<string, string>>): string {
  return value.replace(/\$\$|\$\(([\w.-]+)\)/g, (text, name?: string) =>
    name === undefined ? '$' : Object.hasOwn(env, name) ? env[name]! : text,
  );
}
