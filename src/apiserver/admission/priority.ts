import type { KubeObject } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import type { PluginDeps } from './plugin-deps.ts';
import { isPod } from './is-pod.ts';

const SYSTEM_CLASSES = ['system-node-critical', 'system-cluster-critical'];
const GROUP = 'scheduling.k8s.io';

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
      const { resource, subresource, operation, object, name } = attributes;
      if (resource.group !== GROUP || resource.resource !== 'priorityclasses' || subresource !== '') return;
      if (operation === 'DELETE' && SYSTEM_CLASSES.includes(name))
        throw admissionForbidden(attributes, 'this is a system priority class and cannot be deleted');
      if (operation === 'DELETE' || !object?.globalDefault) return;
      const existing = lowestDefault(await priorityClasses(deps));
      if (existing === undefined || (operation === 'UPDATE' && existing.metadata.name === object.metadata.name)) return;
      const why = `PriorityClass ${existing.metadata.name} is already marked as default. Only one default can exist`;
      throw admissionForbidden(attributes, why);
    },
  };
}

async function setPriority(deps: PluginDeps, attributes: AdmissionAttributes): Promise<void> {
  const { spec } = attributes.object!;
  const found = await classOf(deps, spec.priorityClassName ?? '');
  if (spec.priorityClassName && found === undefined)
    throw admissionForbidden(attributes, `no PriorityClass with name ${spec.priorityClassName} was found`);
  const priority = found?.value ?? 0;
  const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (!spec.priorityClassName && found !== undefined) spec.priorityClassName = found.metadata.name;
  const end = 'from the given PriorityClass name';
  if (spec.priority !== undefined && spec.priority !== priority)
    throw admissionForbidden(
      attributes,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} ${end}`,
    );
  spec.priority = priority;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
    throw admissionForbidden(
      attributes,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} ${end}`,
    );
  spec.preemptionPolicy = policy;
}

/** The class with this name; without a name, the global default of the lowest value. */
async function classOf(deps: PluginDeps, name: string): Promise<KubeObject | undefined> {
  if (name === '') return lowestDefault(await priorityClasses(deps));
  return deps.store.known(deps.resources.builtin(GROUP, 'v1', 'priorityclasses'), '', name);
}

function lowestDefault(classes: readonly KubeObject[]): KubeObject | undefined {
  return classes.filter((one) => one.globalDefault === true).sort((a, b) => a.value - b.value)[0];
}

async function priorityClasses(deps: PluginDeps): Promise<KubeObject[]> {
  const resource = deps.resources.builtin(GROUP, 'v1', 'priorityclasses');
  const { entries } = await deps.storage.range(resource.keyPrefix);
  return entries.map((entry) => deps.store.decode(resource, entry));
}

/** An update that leaves out what admission filled in keeps it. */
function keepPriority(pod: KubeObject, old: KubeObject): void {
  for (const field of ['priority', 'preemptionPolicy'] as const) {
    if (pod.spec[field] === undefined && old.spec[field] !== undefined) pod.spec[field] = old.spec[field];
  }
}
