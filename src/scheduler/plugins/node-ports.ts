import { conflict, hostPortsOf } from '../cluster/host-ports.ts';
import type { Pod } from '../objects/pod.ts';
import type { FilterPlugin } from './plugin.ts';

const NAME = 'NodePorts';
const REJECTION = {
  plugin: NAME,
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  isResolvable: true,
};

/** A port of a node belongs to one pod. */
export const nodePorts: FilterPlugin = {
  name: NAME,
  prepare({ hostPorts }) {
    if (hostPorts.length === 0) return undefined;
    return { filter: ({ ports }) => (conflict(hostPorts, ports) ? REJECTION : undefined) };
  },
  isHelped(pod, { resource, action, old }) {
    if (resource === 'Node') return action === 'Add';
    if (action !== 'Delete' || old === undefined) return false;
    const { spec, status } = old as Pod;
    const isPlaced = Boolean(spec.nodeName) || Boolean(status?.nominatedNodeName);
    return isPlaced && conflict(hostPortsOf(pod), hostPortsOf(old as Pod));
  },
};
