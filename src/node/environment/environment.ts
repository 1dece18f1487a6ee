import type { StartRequest } from '../agent/container-starter.ts';
import type { NodeParts } from '../agent/node-parts.ts';
import { StartError } from '../agent/start-error.ts';
import { expandVariables } from '../images/expand.ts';
import type { EnvVar, KeyRef } from '../pod/container.ts';
import { valuesOf } from './objects.ts';
import { fieldOf, resourceOf } from './pod-fields.ts';
import { linkedServices, serviceVariables } from './service-variables.ts';

/** What processes have of the environment of this one: what programs are found and run by, and no more. */
const KEPT = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR'] as const;

/**
 * The environment of a container's process: of the machine, the image, the network, services, and the container's own; of
 * several values of a variable the last counts.
 *
 * @throws StartError `CreateContainerConfigError`, in the kubelet's words
 */
export async function environmentOf(node: NodeParts, request: StartRequest): Promise<Record<string, string>> {
  const { pod, container, image, attachment } = request;
  const { namespace = '' } = pod.metadata;
  const services = linkedServices(node.services(), namespace, pod.spec.enableServiceLinks ?? true);
  const told = await serviceVariables(services, node.network);
  const env: Record<string, string> = {
    ...Object.fromEntries(
      KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]!]])),
    ),
    HOSTNAME: pod.spec.hostNetwork ? node.name : (pod.spec.hostname ?? pod.metadata.name ?? ''),
    ...image.env,
    ...attachment.environment,
    ...told,
  };
  // values refer to what stands before them, to services and to what the network tells, not to what this machine has
  const known: Record<string, string> = { ...attachment.environment, ...told };
  const set = (name: string, value: string): void => void (env[name] = known[name] = value);
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const kind = configMapRef === undefined ? 'secret' : 'configmap';
    const values = await valuesOf(node.client, kind, { namespace, ...(configMapRef ?? secretRef) });
    for (const [key, bytes] of values ?? []) set(prefix + key, bytes.toString());
  }
  for (const variable of container.env ?? []) {
    const value = await valueOf(variable, known, node, request);
    if (value !== undefined) set(variable.name, value);
  }
  return env;
}

/** Undefined: it is optional, and there is none. */
async function valueOf(
  { value = '', valueFrom }: EnvVar,
  known: Readonly<Record<string, string>>,
  node: NodeParts,
  { pod, container, attachment }: StartRequest,
): Promise<string | undefined> {
  if (valueFrom === undefined) return expandVariables(value, known);
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  try {
    if (fieldRef) return fieldOf(pod, fieldRef, { podIPs: attachment.ips, hostIPs: node.addresses });
    if (resourceFieldRef) return resourceOf(pod, resourceFieldRef, container.name, node.allocatable);
  } catch (error) {
    throw new StartError('CreateContainerConfigError', (error as Error).message);
  }
  const { namespace = '' } = pod.metadata;
  if (configMapKeyRef) return keyOf(node, 'configmap', namespace, configMapKeyRef);
  return secretKeyRef && keyOf(node, 'secret', namespace, secretKeyRef);
}

async function keyOf(
  node: NodeParts,
  kind: 'configmap' | 'secret',
  namespace: string,
  { name = '', key, optional = false }: KeyRef,
): Promise<string | undefined> {
  const values = await valuesOf(node.client, kind, { namespace, name, optional });
  const value = values?.get(key);
  if (value !== undefined || optional) return value?.toString();
  const what = kind === 'configmap' ? 'ConfigMap' : 'Secret';
  throw new StartError('CreateContainerConfigError', `couldn't find key ${key} in ${what} ${namespace}/${name}`);
}
