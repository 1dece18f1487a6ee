import type { AddressInfo } from 'node:net';
import { tellClusterTrust } from './aggregation/cluster-trust.ts';
import { bootstrap, markServices } from './bootstrap.ts';
import { runSigners } from './certificate-signers.ts';
import { type Composition, FLOW_CONTROL } from './composition.ts';
import { type DanglingOptions, keepDangling } from './flowcontrol/dangling.ts';
import { keepPolicyStatus } from './policy-status.ts';

/** How a server begins. */
export interface Startup {
  /** Where it listens; undefined: nowhere. */
  readonly address: AddressInfo | undefined;
  /** Whether the storage has what a fresh cluster has. */
  readonly bootstrapped: boolean;
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
}

/**
 * Makes a server ready that listens already: what a fresh cluster has is made, what every request looks at is read, and
 * what goes on beside the requests is begun, until the signal is aborted.
 *
 * @throws Error if the storage fails
 */
export async function startParts(parts: Composition, { address, bootstrapped, closing }: Startup): Promise<void> {
  const { deps, now, signers, policyStatus, autoRegister, trust } = parts;
  const dangling = danglingOf(parts, closing);
  await deps.allocations.start(closing);
  await markServices(deps);
  const { ranges: clusterIpRange, firstIp: firstClusterIp } = deps.allocations;
  if (!bootstrapped) await bootstrap(deps, { now: now(), address, clusterIpRange, firstClusterIp });
  await deps.informers.start(closing);
  if (policyStatus !== undefined) void keepPolicyStatus(policyStatus, closing);
  if (signers !== undefined) void runSigners(signers, closing);
  await deps.custom.start(closing);
  await deps.decisions.start(closing);
  deps.aggregator.start(closing);
  await autoRegister.start(closing);
  await tellClusterTrust(deps, trust, now());
  // as in kube-apiserver, this is nothing that a server is waited for
  setImmediate(() => void keepDangling(dangling));
}

function danglingOf({ deps, now, log }: Composition, signal: AbortSignal): DanglingOptions {
  const { resources, informers, store, storage } = deps;
  return {
    schemas: informers.of(FLOW_CONTROL, 'v1', 'flowschemas'),
    levels: informers.of(FLOW_CONTROL, 'v1', 'prioritylevelconfigurations'),
    resource: resources.builtin(FLOW_CONTROL, 'v1', 'flowschemas'),
    writer: { store, storage },
    now,
    signal,
    log,
  };
}
