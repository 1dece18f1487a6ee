import type { Client } from 'nekube/client';
import { Node } from 'nekube/client/kinds';
import { canListenOn } from 'nekube/gateway';
import type { Io } from '../io.ts';

/** What nodes of `nekube up` say that they run pods by. */
const OURS = /^nekube:\/\//;

/**
 * Warns where a cluster has nodes of a `nekube up` whose addresses are not of this machine: so are those of their pods, and whoever has
 * them in the real network would be asked instead. Who may not see nodes is not warned.
 */
export async function warnOfUnreachedPods(client: Client, io: Io): Promise<void> {
  const nodes = await client.list(Node, { signal: io.signal }).catch(() => undefined);
  const ours = (nodes?.items ?? []).filter(({ status }) => OURS.test(status?.nodeInfo?.containerRuntimeVersion ?? ''));
  for (const { metadata, status } of ours) {
    const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    if (address === undefined || (await canListenOn(address))) continue;
    io.stderr(
      `nekube: warning: node ${metadata.name ?? ''} is ${address}, which is no address of this machine: its pods are not reached from here\n` +
        'nekube:   fix: serve gateways where its nodes are: nekube up --gateway\n',
    );
    return;
  }
}
