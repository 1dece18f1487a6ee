import type { Client } from 'nekube/client';
import { EventRecorder, type Manager } from 'nekube/controller';
import { Cluster } from './cluster/cluster.ts';
import { type ClusterEventParts, followNodes, followOthers, followPods } from './cluster-events.ts';
import { FILTERS } from './decision/profile.ts';
import { Scheduling } from './decision/scheduling.ts';
import { allSynced, type Informers, informersOf, worldOf } from './informers.ts';
import type { Pod } from './objects/pod.ts';
import { type ClusterEvent, isAbout, type World } from './plugins/plugin.ts';
import { Preemptor } from './preemptor.ts';
import { Nominations } from './queue/nominations.ts';
import { BLOCKED, SchedulingQueue } from './queue/scheduling-queue.ts';
import { Scheduler } from './scheduler.ts';
import { PodStatusWriter } from './status-writer.ts';
import { VolumeBinder } from './volume-binder.ts';

/** How the scheduler is run. */
export interface SchedulerOptions {
  /** The pods that are its: by their `schedulerName`. Default: `default-scheduler` alone. */
  readonly schedulerNames?: readonly string[];
  /** How many percent of the nodes that fit are enough to choose from; default: by the number of nodes, as kube-scheduler. */
  readonly percentageOfNodesToScore?: number;
  /** From 0 to below 1: chooses among nodes that are as good as each other. */
  readonly random?: () => number;
  /** Who binds pods and writes of them, where the manager, whose cache it reads, is somebody else's. Default: the manager's. */
  readonly client?: Client;
}

const NAME = 'default-scheduler';
/** Whom its writes belong to. */
const FIELD_MANAGER = 'kube-scheduler';

/** Adds the scheduler to a manager, which runs it when it is started. */
export function addScheduler(manager: Manager, options: SchedulerOptions = {}): void {
  const { cache, clock } = manager;
  const client = (options.client ?? manager.client).with({ fieldManager: FIELD_MANAGER });
  const logger = manager.logger.named('scheduler');
  const events = new EventRecorder({ client, controller: NAME, clock, logger, tellsVersions: true });
  const informers = informersOf(cache);
  const { pods, budgets } = informers;
  const cluster = new Cluster();
  const nominations = new Nominations();
  const world = worldOf(cluster, informers);
  const { random = Math.random, percentageOfNodesToScore = 0, schedulerNames = [NAME] } = options;
  const newest = ({ metadata: { namespace, name = '' } }: Pod): Pod | undefined => pods.store.get({ namespace, name });
  const statuses = new PodStatusWriter({ client, clock, logger });
  const onDone = (pod: Pod, hasFailed: boolean): void => queue.unblock(pod.metadata.uid!, hasFailed);
  const preemptor = new Preemptor({ client, logger, events, statuses, nominations, onDone });
  const queue: SchedulingQueue = new SchedulingQueue({
    clock,
    mayEnter: (pod) => (pod.spec.schedulingGates ?? []).length === 0 && !preemptor.isRunning(pod.metadata.uid!),
    isHelped: (pod, plugins, event) => isHelped(pod, plugins, { event, world }),
    onReady: () => scheduler.wake(),
  });
  const now = (): number => clock.now();
  const budgetsNow = () => budgets.store.list();
  const choosing = { random, now, percentageOfNodesToScore };
  const scheduling = new Scheduling({ world, nominations, budgets: budgetsNow, ...choosing });
  const binder = new VolumeBinder({
    client,
    clock,
    volumes: world.volumes,
    node: (name) => cluster.node(name)?.node,
    isThere: (pod) => newest(pod)?.metadata.uid === pod.metadata.uid,
  });
  const parts = { client, clock, logger, events, cluster, queue, nominations, scheduling, statuses, preemptor };
  const scheduler = new Scheduler({ ...parts, binder, newest });
  const isOurs = ({ spec }: Pod): boolean => schedulerNames.includes(spec.schedulerName ?? NAME);
  follow(informers, { cluster, queue, nominations, isOurs, onChange: binder.wake });
  const start = async (signal: AbortSignal): Promise<void> => {
    await allSynced(informers, signal);
    // what is told at the end is written, too
    const telling = new AbortController();
    events.run(telling.signal);
    await scheduler.run(signal);
    await events.flush();
    telling.abort();
  };
  manager.add({ name: 'scheduler', start });
}

/** Whether a pod that filters rejected, or that was not let in, may fit after an event. */
function isHelped(
  pod: Pod,
  plugins: ReadonlySet<string>,
  { event, world }: { readonly event: ClusterEvent; readonly world: World },
): boolean {
  if (FILTERS.some((plugin) => plugins.has(plugin.name) && plugin.isHelped(pod, event, world))) return true;
  return plugins.has(BLOCKED) && event.action === 'UpdatePodSchedulingGatesEliminated' && isAbout(pod, event);
}

function follow({ nodes, pods, claims, volumes, classes, namespaces }: Informers, parts: ClusterEventParts): void {
  followNodes(nodes, parts);
  followPods(pods, parts);
  followOthers(claims, 'PersistentVolumeClaim', parts);
  followOthers(volumes, 'PersistentVolume', parts);
  followOthers(classes, 'StorageClass', parts);
  // what terms say of namespaces may be about others now
  const changed = (): void => parts.cluster.counts.clear();
  namespaces.handle({ added: changed, updated: changed, deleted: changed });
}
