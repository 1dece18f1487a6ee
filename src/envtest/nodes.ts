import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerOptions } from 'nekube/apiserver';
import type { PodNetwork } from 'nekube/network';
import type { ImageMap, NodesOptions } from 'nekube/node';
import { namesOf, runManager } from './builtin-controllers.ts';
import { ADMIN, certificateOf, processPki } from './certificates.ts';
import type { ControlPlane } from './control-plane.ts';
import type { StartOptions } from './environment.ts';
import type { Level } from './level.ts';

/** Who watches pods and services for all nodes. */
const WATCHER = { name: 'system:nekube-nodes', groups: ['system:masters'] };
const SCHEDULER = { name: 'system:kube-scheduler', groups: ['system:masters'] };
/** The controller that takes away the taint which nodes are born with. */
const UNTAINTS = 'node-lifecycle-controller';
/** Who makes what pods need to run as an account. */
const MAKE_ACCOUNTS = ['serviceaccount-controller', 'root-ca-certificate-publisher-controller'];
/** For more nodes than 255. */
const POD_RANGE = '10.240.0.0/12';
const STOP_GRACE_MS = 100;

/** Nodes for a test. */
export interface TestNodes {
  /** What the server must know of them. */
  readonly server: Pick<ServerOptions, 'authorizationModes' | 'plugins' | 'kubelet' | 'podNetwork'>;
  /** Runs them, and the scheduler. @returns stops them */
  run(plane: ControlPlane): Promise<() => Promise<void>>;
}

/**
 * The nodes that a test asks for; undefined: none. What they need is loaded here: most tests have none.
 *
 * @throws RangeError for a number that is none, ImageFileError for a file of no use
 */
export async function nodesOf(level: Level, options: StartOptions): Promise<TestNodes | undefined> {
  const { nodes: count = 0, images } = options;
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`nodes: must be a number from 0, not ${count}`);
  if (count === 0 || level === 'cluster') return undefined;
  const { FAKE_IMAGES, openImageFile } = await import('nekube/node');
  const known = images === undefined || images === 'fake' ? FAKE_IMAGES : openImageFile(images);
  const runs = known !== FAKE_IMAGES && level !== 'fake';
  const controllers = await namesOf(options.controllers ?? 'none');
  const hasAccounts = MAKE_ACCOUNTS.every((name) => controllers.includes(name));
  const reach = new NodeReach();
  const [{ cert, key }, { caCert }] = [certificateOf(ADMIN), processPki()];
  return {
    server: {
      authorizationModes: ['Node', 'RBAC'],
      plugins: { enable: ['NodeRestriction', ...(hasAccounts ? ['ServiceAccount'] : [])] },
      kubelet: { clientCert: cert, clientKey: key, ca: caCert, preferredAddressTypes: ['InternalIP'] },
      podNetwork: reach,
    },
    run: (plane) =>
      runNodes(plane, {
        names: Array.from({ length: count }, (_, i) => `node-${i + 1}`),
        images: level === 'fake' ? withoutProcesses(known) : known,
        runs,
        untaints: !controllers.includes(UNTAINTS),
        reach,
        log: options.log,
      }),
  };
}

/** How the server reaches pods, once their network is there. */
class NodeReach {
  network: Pick<PodNetwork, 'reach'> | undefined;

  reach(ip: string, port: number): { readonly host: string; readonly port: number } {
    return this.network?.reach(ip, port) ?? { host: ip, port };
  }
}

/** All that a map knows, without a process. */
function withoutProcesses(images: ImageMap): ImageMap {
  return {
    source: images.source,
    find(name) {
      const found = images.find(name);
      return found && { ...found, fake: found.fake ?? { afterSeconds: 0 } };
    },
  };
}

interface NodesToRun extends Pick<NodesOptions, 'names' | 'images'> {
  /** Whether processes are run, which services lead to. */
  readonly runs: boolean;
  readonly untaints: boolean;
  readonly reach: NodeReach;
  readonly log: StartOptions['log'];
}

async function runNodes(plane: ControlPlane, asked: NodesToRun): Promise<() => Promise<void>> {
  const { names, images, runs, untaints, reach, log } = asked;
  const [{ startNodes }, { openPodNetwork, startClusterNetwork }, { addScheduler }] = await Promise.all([
    import('nekube/node'),
    import('nekube/network'),
    import('nekube/scheduler'),
  ]);
  const dir = mkdtempSync(join(tmpdir(), 'nekube-nodes-'));
  const network = await openPodNetwork({ mode: 'virtual', ...(names.length > 255 && { podRange: POD_RANGE }) });
  reach.network = network;
  const client = plane.client(WATCHER, {});
  const onError = (error: unknown): void => log?.(String(error));
  const services =
    runs && plane.url !== undefined
      ? await startClusterNetwork({ client, network, apiServer: addressOf(plane.url), onError, clock: plane.clock })
      : undefined;
  const nodes = await startNodes({
    names,
    client,
    clientFor: (node) =>
      plane.client({ name: `system:node:${node}`, groups: ['system:nodes'] }, { fieldManager: 'kubelet' }),
    images,
    network,
    dir,
    version: 'v1.36.3',
    clock: plane.clock,
    ...(runs && { serving: { clientCa: processPki().caCert, certificateFor } }),
    ...(untaints && { untaints: client }),
    onError: (error, what) => log?.(`${what}: ${String(error)}`),
  });
  const stopScheduler = await runManager(plane, SCHEDULER, log, async (manager) => addScheduler(manager));
  return async () => {
    await stopScheduler();
    await nodes.stop(STOP_GRACE_MS);
    await services?.close();
    await network.close();
    rmSync(dir, { recursive: true, force: true });
  };
}

function certificateFor(node: string, address: string): { readonly cert: string; readonly key: string } {
  const subject = { commonName: `system:node:${node}`, organizations: ['system:nodes'] };
  return processPki().issueServing({ subject, hosts: [node], ips: [address] });
}

function addressOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
