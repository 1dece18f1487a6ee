import { jsonEqual, type KubeObject, newForbidden } from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts';
import { groupResource } from '../registry/store.ts';
import type { PluginDeps } from './index.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const TOLERATION_SECONDS = 300;
const SYSTEM_CLASSES = ['system-node-critical', 'system-cluster-critical'];

function isPod({ resource, subresource }: AdmissionAttributes): boolean {
  return resource.group === '' && resource.resource === 'pods' && subresource === '';
}

/** A pod tolerates nodes that are not ready or unreachable for five minutes, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(attributes) {
    if (!isPod(attributes) || attributes.operation === 'DELETE') return;
    const { spec } = attributes.object!;
    for (const key of [NOT_READY, UNREACHABLE]) {
      if ((spec.tolerations ?? []).some((toleration: Toleration) => tolerates(toleration, key))) continue;
      const added = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SECONDS };
      spec.tolerations = [...(spec.tolerations ?? []), added];
    }
  },
};

interface Toleration {
  readonly key?: string;
  readonly effect?: string;
}

function tolerates({ key = '', effect = '' }: Toleration, taint: string): boolean {
  return (key === taint || key === '') && (effect === 'NoExecute' || effect === '');
}

/** A new node is tainted until somebody says that it is ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate({ operation, resource, subresource, object }) {
    if (operation !== 'CREATE' || subresource !== '' || resource.group !== '' || resource.resource !== 'nodes') return;
    const spec = (object!.spec ??= {});
    const taint = { key: NOT_READY, effect: 'NoSchedule' };
    if (
      !(spec.taints ?? []).some(
        (t: { key?: string; effect?: string }) => t.key === taint.key && t.effect === taint.effect,
      )
    )
      spec.taints = [...(spec.taints ?? []), taint];
  },
};

/** Pods get the priority of their class; no two priority classes are the global default. */
export function podPriority(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'Priority',
    async mutate(attributes) {
      if (!isPod(attributes)) return;
      if (attributes.operation === 'CREATE') await setPriority(deps, attributes);
      if (attributes.operation === 'UPDATE') keepPriority(attributes.object!, attributes.old!);
    },
    async validate(attributes) {
      const { resource, subresource, operation, object, old, name } = attributes;
      if (resource.group === 'scheduling.k8s.io' && operation === 'DELETE' && SYSTEM_CLASSES.includes(name))
        throw newForbidden(groupResource(resource), name, 'this is a system priority class and cannot be deleted');
      if (
        resource.group !== 'scheduling.k8s.io' ||
        subresource !== '' ||
        operation === 'DELETE' ||
        !object?.globalDefault
      )
        return;
      const existing = (await priorityClasses(deps)).find((c) => c.globalDefault === true);
      if (existing === undefined || existing.metadata.name === (old ?? object).metadata.name) return;
      const why = `PriorityClass ${existing.metadata.name} is already marked as default. Only one default can exist`;
      throw newForbidden(groupResource(resource), object.metadata.name ?? '', why);
    },
  };
}

async function setPriority(deps: PluginDeps, attributes: AdmissionAttributes): Promise<void> {
  const { object, resource } = attributes;
  const { spec, metadata } = object!;
  const found = await classOf(deps, spec.priorityClassName ?? '');
  if (spec.priorityClassName && found === undefined)
    throw newForbidden(
      groupResource(resource),
      metadata.name ?? '',
      `no PriorityClass with name ${spec.priorityClassName} was found`,
    );
  const priority = found?.value ?? 0;
  const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (!spec.priorityClassName && found !== undefined) spec.priorityClassName = found.metadata.name;
  if (spec.priority !== undefined && spec.priority !== priority) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`;
    throw newForbidden(groupResource(resource), metadata.name ?? '', why);
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
    throw newForbidden(groupResource(resource), metadata.name ?? '', why);
  }
  spec.priority = priority;
  spec.preemptionPolicy = policy;
}

/** The class with this name; without a name, the global default of the lowest value. */
async function classOf(deps: PluginDeps, name: string): Promise<KubeObject | undefined> {
  if (name !== '')
    return deps.store.head(deps.resources.builtin('scheduling.k8s.io', 'v1', 'priorityclasses'), '', name);
  const defaults = (await priorityClasses(deps)).filter((c) => c.globalDefault === true);
  return defaults.sort((a, b) => a.value - b.value)[0];
}

async function priorityClasses(deps: PluginDeps): Promise<KubeObject[]> {
  const resource = deps.resources.builtin('scheduling.k8s.io', 'v1', 'priorityclasses');
  const { entries } = await deps.storage.range(resource.keyPrefix);
  return entries.map((entry) => deps.store.decode(resource, entry));
}

/** An update that leaves out what admission filled in keeps it. */
function keepPriority(pod: KubeObject, old: KubeObject): void {
  for (const field of ['priority', 'preemptionPolicy'] as const) {
    if (pod.spec[field] === undefined && old.spec[field] !== undefined) pod.spec[field] = old.spec[field];
  }
}

/** Pods of a runtime class get its overhead and scheduling. */
export function runtimeClass(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    async mutate(attributes) {
      if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
      const { spec, metadata } = attributes.object!;
      const name = spec.runtimeClassName;
      if (!name) return;
      const found = await deps.store.head(deps.resources.builtin('node.k8s.io', 'v1', 'runtimeclasses'), '', name);
      if (found === undefined)
        throw newForbidden(
          groupResource(attributes.resource),
          metadata.name ?? '',
          `pod rejected: RuntimeClass "${name}" not found`,
        );
      if (found.overhead) applyOverhead(attributes, found);
      if (found.scheduling) applyScheduling(attributes, found);
    },
    validate(attributes) {
      if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
      const { spec, metadata } = attributes.object!;
      if (spec.overhead && !spec.runtimeClassName)
        throw newForbidden(
          groupResource(attributes.resource),
          metadata.name ?? '',
          'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
        );
    },
  };
}

function applyOverhead({ object, resource }: AdmissionAttributes, found: KubeObject): void {
  const { spec, metadata } = object!;
  const fixed = found.overhead.podFixed;
  if (spec.overhead !== undefined && !jsonEqual(spec.overhead, fixed))
    throw newForbidden(
      groupResource(resource),
      metadata.name ?? '',
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    );
  spec.overhead = structuredClone(fixed);
}

function applyScheduling({ object, resource }: AdmissionAttributes, found: KubeObject): void {
  const { spec, metadata } = object!;
  const { nodeSelector = {}, tolerations = [] } = found.scheduling;
  for (const [key, value] of Object.entries(nodeSelector)) {
    if (spec.nodeSelector?.[key] !== undefined && spec.nodeSelector[key] !== value)
      throw newForbidden(
        groupResource(resource),
        metadata.name ?? '',
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${spec.nodeSelector[key]}`,
      );
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
  }
  const given: unknown[] = spec.tolerations ?? [];
  const added = tolerations.filter((t: never) => !given.some((g) => jsonEqual(g as never, t)));
  if (added.length > 0) spec.tolerations = [...given, ...structuredClone(added)];
}

const TOPOLOGY_LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** A pod that is bound to a node gets the node's zone and region as labels. */
export function podTopologyLabels(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    async mutate(attributes) {
      if (!isPod(attributes) || attributes.operation !== 'CREATE') return;
      const { spec, metadata } = attributes.object!;
      if (!spec.nodeName) return;
      const node = await deps.store.head(deps.resources.builtin('', 'v1', 'nodes'), '', spec.nodeName);
      for (const label of TOPOLOGY_LABELS) {
        const value = node?.metadata.labels?.[label];
        if (value !== undefined) metadata.labels = { ...metadata.labels, [label]: value };
      }
    },
  };
}
