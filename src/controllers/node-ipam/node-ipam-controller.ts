import { parseCidr } from 'nekube/apimachinery';
import { CoreEventRecorder } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { type Node, NODE } from '../nodes/node.ts';
import type { ControllerSettings } from '../settings.ts';
import { Ranges } from './ranges.ts';

/** Gives nodes the ranges that their pods' addresses are of, where the cluster has one for all pods. */
export const nodeIpamController: BuiltinController = {
  name: 'node-ipam-controller',
  setUp({ manager, client, clock, settings }) {
    const sets = rangesOf(settings);
    if (sets.length === 0) {
      manager.logger.info('Nodes get no ranges: there is no clusterCidr', { controller: this.name });
      return;
    }
    const nodes = manager.cache.informer(NODE);
    const events = new CoreEventRecorder(client, 'cidrAllocator', clock);
    const each = (node: Node, change: (ranges: Ranges, range: string) => void): void =>
      node.spec.podCIDRs?.forEach((range, index) => sets[index] && change(sets[index], range));
    nodes.handle({
      added: (node) => each(node, (ranges, range) => ranges.occupy(range)),
      updated: (node) => each(node, (ranges, range) => ranges.occupy(range)),
      deleted: (node) => each(node, (ranges, range) => ranges.release(range)),
    });
    manager
      .controller(this.name)
      .for(NODE)
      .reconcile(async ({ name }, { object: node, signal }) => {
        if (node === undefined || node.metadata.deletionTimestamp !== undefined || node.spec.podCIDRs?.length) return;
        const taken = sets.map((ranges) => ranges.take());
        const giveBack = () => taken.forEach((range, index) => range !== undefined && sets[index]!.release(range));
        if (taken.includes(undefined)) {
          giveBack();
          const about = { ...NODE, metadata: { name, uid: node.metadata.uid } };
          const message = `Node ${name} status is now: CIDRNotAvailable`;
          events.record(about, 'Normal', 'CIDRNotAvailable', message);
          throw new Error(`failed to allocate cidr from cluster cidr: ${name}`);
        }
        const patch = { spec: { podCIDR: taken[0], podCIDRs: taken } };
        try {
          await client.patch(NODE, { name }, { strategic: patch as never }, { signal });
        } catch (error) {
          giveBack();
          throw error;
        }
      });
  },
};

/** @throws RangeError for a `clusterCidr` that is none */
function rangesOf({ clusterCidr = '', nodeCidrMaskSizeIpv4, nodeCidrMaskSizeIpv6 }: ControllerSettings): Ranges[] {
  const texts = clusterCidr.split(',').filter((text) => text !== '');
  return texts.map((text) => {
    const cidr = parseCidr(text.trim());
    if (cidr === undefined) throw new RangeError(`clusterCidr ${JSON.stringify(text)} must be as 10.244.0.0/16`);
    return new Ranges(cidr, cidr.addressBits === 32 ? nodeCidrMaskSizeIpv4 : nodeCidrMaskSizeIpv6);
  });
}
