import type { PersistentVolume, PersistentVolumeClaim } from 'nekube/component-helpers';
import { Cluster } from '../cluster/cluster.ts';
import { Volumes } from '../cluster/volumes.ts';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';
import type { StorageClass } from '../objects/storage.ts';
import type { World } from '../plugins/plugin.ts';

let uids = 0;

/** A node that has enough of all, unless it says otherwise. */
export function nodeOf(name: string, node: Partial<Node> = {}): Node {
  const allocatable = { cpu: '4', memory: '8Gi', pods: '110', ...node.status?.allocatable };
  const labels = { 'kubernetes.io/hostname': name, ...node.metadata?.labels };
  return { ...node, metadata: { name, labels }, status: { ...node.status, allocatable } };
}

/** A pod with one container, of the namespace `default`. */
export function podOf(name: string, spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${uids++}`, ...metadata },
    spec: { containers: [{ name: 'main', image: 'main' }], ...spec },
  };
}

/** A container that asks for something. */
export function asking(requests: Record<string, string>): Pod['spec']['containers'] {
  return [{ name: 'main', image: 'main', resources: { requests } }];
}

/** What there is in a world. */
export interface WorldParts {
  readonly nodes?: readonly Node[];
  readonly pods?: readonly Pod[];
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly PersistentVolume[];
  readonly classes?: readonly StorageClass[];
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly services?: readonly { readonly selector: Readonly<Record<string, string>> }[];
}

/** A world of these objects. */
export function worldOf({ nodes = [], pods = [], ...parts }: WorldParts): World {
  const { claims = [], volumes = [], classes = [], namespaces = {}, services = [] } = parts;
  const cluster = new Cluster();
  for (const node of nodes) cluster.setNode(node);
  for (const pod of pods) cluster.setPod(pod);
  const named = <T extends Node | PersistentVolumeClaim | PersistentVolume | StorageClass>(
    all: readonly T[],
    name: string,
  ) => all.find(({ metadata }) => metadata.name === name);
  return {
    cluster,
    volumes: new Volumes({
      claim: (_, name) => named(claims, name),
      volume: (name) => named(volumes, name),
      volumes: () => volumes,
      storageClass: (name) => named(classes, name),
    }),
    labelsOf: (name) => namespaces[name],
    object: () => undefined,
    objects: (kind) => (kind === 'Service' ? (services.map((spec) => ({ metadata: {}, spec })) as never) : []),
  };
}
