import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Client,
  type Clock,
  type Informer,
  isConnectionError,
  newInformer,
  sleep,
  systemClock,
} from 'nekube/client';
import { CoreEventRecorder } from 'nekube/controller';
import type { PodNetwork } from 'nekube/network';
import type { NodeServer } from 'nekube/nodeserver';
import type { NodeParts } from './agent/node-parts.ts';
import type { ImageMap } from './images/image-map.ts';
import { Heartbeats } from './nodes/heartbeats.ts';
import { type Machine, thisMachine } from './nodes/machine.ts';
import { NodeAgent } from './nodes/node-agent.ts';
import { isContradicted, NODE, type Node, type NodeDescription } from './nodes/node-object.ts';
import { register } from './nodes/registration.ts';
import { SERVICE } from './environment/service-variables.ts';
import { Backoff } from './plan/backoff.ts';
import { POD, type Pod } from './pod/pod.ts';
import { Reaper } from './runtime/reaper.ts';
import { type NodeUsage, usageOf } from './server/node-usage.ts';
import { type NodeServing, serveAgent } from './server/serve-agent.ts';

/** How nodes are run. */
export interface NodesOptions {
  readonly names: readonly string[];
  /** Sees all pods, services and nodes: one watch of each serves all nodes of the process. */
  readonly client: Client;
  /** A client that acts as a node: `system:node:NAME` of `system:nodes`. It is closed with the node. */
  readonly clientFor: (node: string) => Client;
  readonly images: ImageMap;
  readonly network: PodNetwork;
  /** Where nodes keep what their pods have; each has a folder there. */
  readonly dir: string;
  /** What the nodes say that their kubelet is: `v1.36.3`. */
  readonly version: string;
  /** What each node has; by default what this machine has, and room for 110 pods. */
  readonly capacity?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** How the nodes' servers are had, for logs, exec and the like; absent: there are none. */
  readonly serving?: NodeServing;
  /** May write nodes: takes away the taint that nodes are born with, where no controller does that. */
  readonly untaints?: Client;
  readonly clock?: Clock;
  /** What goes wrong and is tried again. */
  readonly onError?: (error: unknown, what: string) => void;
}

/** Nodes that run. */
export interface RunningNodes {
  readonly agents: readonly NodeAgent[];
  /** What their pods have used, as of now. */
  usage(): readonly NodeUsage[];
  /** Ends all processes within about so long, and leaves the objects as they are. */
  stop(graceMs?: number): Promise<void>;
}

const STOP_GRACE_MS = 300;
/** As the kubelet waits to register again. */
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 7000;
const NOT_READY = 'node.kubernetes.io/not-ready';

/**
 * Registers nodes and runs the pods that are bound to them, until they are stopped. Resolves when all nodes are there.
 *
 * @throws what the server refused a node with
 */
export async function startNodes(options: NodesOptions): Promise<RunningNodes> {
  const { clock = systemClock, onError = () => {} } = options;
  const ending = new AbortController();
  let reaper: Reaper | undefined;
  const services = newInformer(options.client, SERVICE, {
    clock,
    onError: (error) => onError(error, 'Cannot watch services'),
  });
  const shared: Shared = {
    clock,
    onError,
    reaper: () => (reaper ??= new Reaper()),
    services: () => services.store.list(),
  };
  mkdirSync(options.dir, { recursive: true, mode: 0o755 });
  const machine = thisMachine(options.version, options.dir);
  const members = await Promise.all(
    options.names.map((name) => served(memberOf(name, options, machine, shared), options.serving, onError)),
  );
  const beats = new Heartbeats(clock, onError);
  await Promise.all(members.map((member) => begin(member, options, clock, beats)));
  const agents = new Map(members.map(({ agent }) => [agent.name, agent]));
  const pods = dispatched(options.client, agents, shared);
  const watching = services.run(ending.signal);
  await services.synced();
  const nodes = watched(options.client, (node) => beats.contradict(node, ending.signal), shared);
  const running = [watching, pods.run(ending.signal), nodes.run(ending.signal), beats.run(ending.signal)];
  return {
    agents: [...agents.values()],
    usage: () => usageOf([...agents.values()]),
    async stop(graceMs = STOP_GRACE_MS) {
      ending.abort();
      await Promise.all([...agents.values()].map((agent) => agent.stop(graceMs)));
      await reaper?.close();
      await Promise.all(running);
      await Promise.all(members.map(({ server }) => server?.close()));
      await Promise.all(members.map(({ client }) => client.close()));
    },
  };
}

/** A node of several. */
interface Member {
  readonly client: Client;
  readonly description: NodeDescription;
  readonly agent: NodeAgent;
  readonly server?: NodeServer;
}

/** What the nodes of a process share. */
type Shared = Pick<NodeParts, 'clock' | 'onError' | 'reaper' | 'services'>;

function memberOf(name: string, options: NodesOptions, machine: Machine, shared: Shared): Member {
  const { network, images, labels, dir } = options;
  const client = options.clientFor(name);
  const address = network.nodeAddress(name);
  const capacity = { ...machine.capacity, ...options.capacity };
  const description = {
    ...machine,
    name,
    address,
    podRange: network.podRange(name),
    capacity,
    ...(labels && { labels }),
  };
  const own = join(dir, name);
  const agent = new NodeAgent({
    ...shared,
    name,
    client,
    images,
    network,
    addresses: [address],
    dir: own,
    logsDir: join(own, 'logs'),
    allocatable: capacity,
    services: shared.services,
    events: new CoreEventRecorder(client, 'kubelet', shared.clock, name),
    backoff: new Backoff(),
  });
  return { client, description, agent };
}

/** The node with its server, which listens before the node is there. @throws Error if it cannot */
async function served(
  member: Member,
  serving: NodeServing | undefined,
  onError: NonNullable<NodesOptions['onError']>,
): Promise<Member> {
  if (serving === undefined) return member;
  const { description, agent, client } = member;
  const server = await serveAgent(agent, { ...serving, address: description.address, client, onError });
  return { ...member, server, description: { ...description, port: server.port } };
}

/** Registers a node, and shows that it is alive. */
async function begin(
  { client, description }: Member,
  { untaints }: NodesOptions,
  clock: Clock,
  beats: Heartbeats,
): Promise<void> {
  const node = await persistently(() => register(client, description, clock), clock);
  if (untaints !== undefined) await persistently(() => untaint(untaints, node), clock);
  await beats.add(client, node, description);
}

/** Does something again, later each time, as long as there is no answer. @throws what the server refused it with */
async function persistently<T>(call: () => Promise<T>, clock: Clock): Promise<T> {
  for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      await sleep(waitMs, clock);
    }
  }
}

/** What the node lifecycle controller does to a node that is ready. */
async function untaint(client: Client, { metadata, spec }: Node): Promise<void> {
  const taints = (spec?.taints ?? []).filter(({ key }) => key !== NOT_READY);
  if (taints.length === (spec?.taints ?? []).length) return;
  await client.patch(NODE, { name: metadata.name! }, { merge: { spec: { taints } } as never });
}

/** Hands each pod to its node: one watch serves all. */
function dispatched(client: Client, agents: ReadonlyMap<string, NodeAgent>, { clock, onError }: Shared): Informer<Pod> {
  const informer = newInformer(client, POD, {
    clock,
    fieldSelector: 'spec.nodeName!=',
    onError: (error) => onError(error, 'Cannot watch pods'),
  });
  const agentOf = ({ spec }: Pod): NodeAgent | undefined => agents.get(spec.nodeName ?? '');
  informer.handle({
    added: (pod) => agentOf(pod)?.put(pod),
    updated(pod, old) {
      // another of the same name, whose end was missed
      if (old.metadata.uid !== pod.metadata.uid) agentOf(old)?.remove(old);
      agentOf(pod)?.put(pod);
    },
    deleted: (pod) => agentOf(pod)?.remove(pod),
  });
  return informer;
}

/** Hears what others say of nodes: the node lifecycle controller, of one that was silent for too long. */
function watched(
  client: Client,
  contradict: (node: string) => Promise<void>,
  { clock, onError }: Shared,
): Informer<Node> {
  const informer = newInformer(client, NODE, {
    clock,
    transform: ({ apiVersion, kind, metadata: { name, uid, resourceVersion }, status }) => ({
      ...{ apiVersion, kind },
      metadata: { name, uid, resourceVersion },
      status: { conditions: status?.conditions ?? [] },
    }),
    onError: (error) => onError(error, 'Cannot watch nodes'),
  });
  const see = (node: Node): void => void (isContradicted(node) && contradict(node.metadata.name!));
  informer.handle({ added: see, updated: see });
  return informer;
}
