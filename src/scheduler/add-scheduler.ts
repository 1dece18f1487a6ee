import type { KubeObject } from 'nekube/apimachinery';
import type { Informer, Kind } from 'nekube/client';
import type { Manager } from 'nekube/controller';
import { Cluster } from './cluster/cluster.ts';
import { type ClusterEventParts, followNodes, followPods } from './cluster-events.ts';
import type { Budget } from './decision/preemption.ts';
import { FILTERS } from './decision/profile.ts';
import { Scheduling } from './decision/scheduling.ts';
import { NODE } from './objects/node.ts';
import { type Pod, POD } from './objects/pod.ts';
import { isAbout, type World } from './plugins/plugin.ts';
import { Preemptor } from './preemptor.ts';
import { Nominations } from './queue/nominations.ts';
import { BLOCKED, SchedulingQueue } from './queue/scheduling-queue.ts';
import { Scheduler } from './scheduler.ts';
import { PodStatusWriter } from './status-writer.ts';

/** How the scheduler is run. */
export interface SchedulerOptions {
  /** The pods that are its: by their `schedulerName`. Default: `default-scheduler` alone. */
  readonly schedulerNames?: readonly string[];
  /** How many percent of the nodes that fit are enough to choose from; default: by the number of nodes, as kube-scheduler. */
  readonly percentageOfNodesToScore?: number;
  /** From 0 to below 1: chooses among nodes that are as good as each other. */
  readonly random?: () => number;
}

const NAME = 'default-scheduler';
/** Whom its writes belong to. */
const FIELD_MANAGER = 'kube-scheduler';
const NAMESPACE: Kind = { apiVersion: 'v1', kind: 'Namespace' };
const BUDGET: Kind<Budget> = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
/** What else decisions look at. */
const LOOKED_AT: readonly Kind[] = [
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ReplicationController' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
];

/** Adds the scheduler to a manager, which runs it when it is started. */
export function addScheduler(manager: Manager, options: SchedulerOptions = {}): void {
  const { cache, clock } = manager;
  const client = manager.client.with({ fieldManager: FIELD_MANAGER });
  const logger = manager.logger.named('scheduler');
  const events = manager.eventRecorder(NAME);
  const cluster = new Cluster();
  const nominations = new Nominations();
  const pods = cache.informer(POD);
  const nodes = cache.informer(NODE);
  const namespaces = cache.informer(NAMESPACE);
  const budgets = cache.informer(BUDGET);
  const others = new Map(LOOKED_AT.map((kind) => [kind.kind, cache.informer(kind)]));
  const world = worldOf(cluster, namespaces, others);
  const statuses = new PodStatusWriter({ client, clock, logger });
  const preemptor: Preemptor = new Preemptor({
    client,
    logger,
    events,
    statuses,
    nominations,
    onDone: (pod, hasFailed) => queue.unblock(pod.metadata.uid!, hasFailed),
  });
  const queue: SchedulingQueue = new SchedulingQueue({
    clock,
    mayEnter: (pod) => (pod.spec.schedulingGates ?? []).length === 0 && !preemptor.isRunning(pod.metadata.uid!),
    isHelped: (pod, plugins, event) =>
      FILTERS.some((plugin) => plugins.has(plugin.name) && plugin.isHelped(pod, event, world)) ||
      (plugins.has(BLOCKED) && event.action === 'UpdatePodSchedulingGatesEliminated' && isAbout(pod, event)),
    onReady: () => scheduler.wake(),
  });
  const { random = Math.random, percentageOfNodesToScore = 0 } = options;
  const scheduling = new Scheduling({
    world,
    nominations,
    budgets: () => budgets.store.list(),
    random,
    now: () => clock.now(),
    percentageOfNodesToScore,
  });
  const newest = ({ metadata: { namespace, name = '' } }: Pod): Pod | undefined => pods.store.get({ namespace, name });
  const parts = { client, clock, logger, events, cluster, queue, nominations, scheduling, statuses, preemptor, newest };
  const scheduler = new Scheduler(parts);
  const names = options.schedulerNames ?? [NAME];
  const isOurs = ({ spec }: Pod): boolean => names.includes(spec.schedulerName ?? NAME);
  follow({ cluster, queue, nominations, isOurs });
  manager.add({
    name: 'scheduler',
    async start(signal) {
      const informers: Informer[] = [pods as never, nodes as never, namespaces, budgets as never, ...others.values()];
      await Promise.all(informers.map((informer) => informer.synced(signal)));
      await scheduler.run(signal);
    },
  });

  function follow(followers: ClusterEventParts): void {
    followNodes(nodes, followers);
    followPods(pods, followers);
    // what terms say of namespaces may be about others now
    const changed = (): void => cluster.counts.clear();
    namespaces.handle({ added: changed, updated: changed, deleted: changed });
  }
}

function worldOf(cluster: Cluster, namespaces: Informer, others: ReadonlyMap<string, Informer>): World {
  return {
    cluster,
    labelsOf: (name) => namespaces.store.get({ name })?.metadata.labels,
    object: <T extends KubeObject>(kind: string, key: string) => {
      const [namespace = '', name = ''] = key.includes('/') ? key.split('/') : ['', key];
      const found = others.get(kind)?.store.get(namespace === '' ? { name } : { namespace, name });
      return found as T | undefined;
    },
    objects: <T extends KubeObject>(kind: string, namespace?: string) =>
      (others.get(kind)?.store.list(namespace) ?? []) as readonly T[],
  };
}
