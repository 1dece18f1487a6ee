import { type KubeObject, newFailure, parseQuantity, Quantity } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import type { PluginDeps } from './plugin-deps.ts';
import { isPodLevelResource, podResources } from 'nekube/quota';

/** A pod is resized only where its node is known, runs Linux and has room for it. */
export function podResizeValidator(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    async validate(attributes) {
      const { operation, resource, subresource, object, old } = attributes;
      if (operation !== 'UPDATE' || resource.resource !== 'pods' || resource.group !== '' || subresource !== 'resize')
        return;
      const name: string = object!.spec.nodeName ?? '';
      if (name === '' || object!.metadata.generation === old!.metadata.generation) return;
      const node = await deps.store.known(deps.resources.builtin('', 'v1', 'nodes'), '', name);
      if (node === undefined) throw admissionForbidden(attributes, `node "${name}" not found`);
      const os = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux';
      if (os !== 'linux') {
        const why = `pod resize is only supported on linux nodes, node "${name}" is "${os}"`;
        throw refuse(attributes, why, 'UnsupportedPlatform');
      }
      const missing = whatDoesNotFit(object!, node);
      if (missing === '') return;
      throw refuse(attributes, `node didn't have enough allocatable resources: ${missing}`, 'NodeCapacity');
    },
  };
}

function refuse(attributes: AdmissionAttributes, why: string, reason: string): Error {
  const { message, details } = admissionForbidden(attributes, why).status;
  return newFailure(403, 'Forbidden', message!, { ...details, causes: [{ reason }] });
}

function whatDoesNotFit(pod: KubeObject, { status }: KubeObject): string {
  const options = { podLevel: isPodLevelResource, useStatus: false, overhead: true };
  const requests = podResources(pod, 'requests', options);
  const [cpu, memory] = [requests.get('cpu') ?? Quantity.zero, requests.get('memory') ?? Quantity.zero];
  const room = (name: string): Quantity => parseQuantity(status?.allocatable?.[name] ?? '0');
  const parts: string[] = [];
  if (cpu.cmp(room('cpu')) > 0)
    parts.push(`cpu, requested: ${cpu.milliValue()}, allocatable: ${room('cpu').milliValue()}`);
  if (memory.cmp(room('memory')) > 0)
    parts.push(`memory, requested: ${memory.value()}, allocatable: ${room('memory').value()}`);
  return parts.join('; ');
}
