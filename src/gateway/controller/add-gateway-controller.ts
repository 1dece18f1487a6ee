import type { KubeObject } from 'nekube/apimachinery';
import type { Client, Kind, ObjectStore } from 'nekube/client';
import { Channel, type EventHandler, type Manager } from 'nekube/controller';
import type { Metrics } from 'nekube/metrics';
import type { AddressBook } from '../addresses/index.ts';
import { CONTROLLER_NAME } from '../install/index.ts';
import type { DataPlane, GatewayModel } from '../model/index.ts';
import type { SnapshotKind } from '../translate/index.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { InfrastructureWriter } from './infrastructure-writer.ts';
import { absentKinds, kindsOf, type ServedKinds, servedKinds } from './served-kinds.ts';
import { SelectorServiceWriter } from './selector-service-writer.ts';
import { servedFeatures } from './served-features.ts';
import { StatusWriter } from './status-writer.ts';
import { TranslationLoop } from './translation-loop.ts';
import { type StatusPart, WantedStatuses } from './wanted-statuses.ts';
import { watchKinds } from './watch-kinds.ts';
import { keyOf, WatchedObjects } from './watched-objects.ts';

/** How gateways are served. */
export interface GatewayControllerOptions {
  readonly dataPlane: DataPlane;
  readonly addresses: AddressBook;
  /** Whose classes are ours; default {@link CONTROLLER_NAME}. */
  readonly controllerName?: string;
  /** Is told how long each translation took. */
  readonly onTranslated?: (elapsedMs: number) => void;
  /** Gets counters of translations and statuses. */
  readonly metrics?: Metrics;
  /**
   * Is told when the cluster comes to serve other kinds than it did at the start, which need controllers of their own: the manager must
   * be begun anew. Default: such kinds are not seen.
   */
  readonly onOtherKinds?: (changes: readonly string[]) => void;
}

/** Requests of the controller that translates, of which each is the same at any time. */
const [OBJECTS, STATE] = [{ name: 'objects' }, { name: 'state' }];
const NAME = 'gateway-controller';

/**
 * Adds the controllers of Gateway API: one translates whatever changed and hands it to the data plane, on every instance; those
 * that write statuses, and what gateways have in the cluster, do so on the leader.
 *
 * @throws NoMatchError the cluster has no Gateway API: `installGatewayApi` brings it
 */
export async function addGatewayController(manager: Manager, options: GatewayControllerOptions): Promise<void> {
  const { dataPlane, addresses, controllerName = CONTROLLER_NAME, onTranslated } = options;
  const metrics = options.metrics && new GatewayMetrics(options.metrics, dataPlane);
  const kinds = await neededKinds(manager.client);
  const absent = absentKinds(kinds);
  if (absent.length > 0)
    manager.logger.info('Kinds that are not installed are not served', { kinds: absent.join(', ') });
  if (options.onOtherKinds) await watchKinds(manager, kinds, options.onOtherKinds);
  const stores = storesOf(manager, kinds);
  const objects = new WatchedObjects(stores);
  const statuses = addStatusController(manager, { kinds, stores, controllerName, metrics });
  const infrastructure = addInfrastructureController(manager, kinds.get('gateways')!, stores.get('gateways')!);
  const selectors = addSelectorController(manager, kinds, stores);
  const news = new Channel<KubeObject>();
  const loop = new TranslationLoop({
    controllerName,
    supportedFeatures: servedFeatures(dataPlane.supportedFeatures, [...kinds.keys()]),
    objects,
    addresses,
    dataPlane,
    onStatuses: (wanted) => statuses.update(wanted),
    onModel(model, given) {
      infrastructure.update(model, given);
      selectors?.update(model);
    },
    onPrepared: () => news.push({ metadata: OBJECTS }),
    onTranslated(elapsedMs) {
      metrics?.translated(elapsedMs);
      onTranslated?.(elapsedMs);
    },
  });
  const forget = dataPlane.onState(() => news.push({ metadata: STATE }));
  manager.add({ name: 'data plane', group: 'others', start: (signal) => ended(signal).finally(forget) });
  const builder = manager.controller(NAME, { leaderElected: false });
  for (const [part, kind] of kinds) builder.watches(kind, changesOf(part, objects), viewOf(part));
  builder.listens(news, undefined, { name: 'data plane' }).reconcile(async ({ name }) => {
    if (name === STATE.name) loop.tellStatuses();
    else await loop.translate();
  });
}

/** Resolves when the signal is aborted. */
function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Without these there is nothing to do. */
const NEEDED: readonly SnapshotKind[] = ['gatewayClasses', 'gateways', 'httpRoutes', 'services', 'endpointSlices'];

async function neededKinds(client: Client): Promise<ServedKinds> {
  const kinds = await servedKinds(client);
  const missing = NEEDED.find((part) => !kinds.has(part));
  // which throws what it lacks
  if (missing !== undefined) await client.served(kindsOf(missing)[0]!);
  return kinds;
}

/** Of namespaces only labels count. */
function viewOf(part: SnapshotKind): { readonly metadataOnly?: true } {
  return part === 'namespaces' ? { metadataOnly: true } : {};
}

function storesOf(manager: Manager, kinds: ServedKinds): Map<SnapshotKind, ObjectStore<KubeObject>> {
  return new Map([...kinds].map(([part, kind]) => [part, manager.cache.informer(kind, viewOf(part)).store]));
}

/** Whatever changes, all of it is looked at, once for all that changed meanwhile. */
function changesOf(part: SnapshotKind, objects: WatchedObjects): EventHandler {
  return {
    handle({ object }, queue) {
      objects.changed(part, object);
      queue.add(OBJECTS);
    },
  };
}

/** What the status controller works with. */
interface StatusControllerParts {
  readonly kinds: ServedKinds;
  readonly stores: ReadonlyMap<SnapshotKind, ObjectStore<KubeObject>>;
  readonly controllerName: string;
  readonly metrics: GatewayMetrics | undefined;
}

/** Statuses are also looked at when somebody else changed an object, who may have changed its status. */
function addStatusController(
  manager: Manager,
  { kinds, stores, controllerName, metrics }: StatusControllerParts,
): {
  update(wanted: Parameters<WantedStatuses['update']>[0]): void;
} {
  const wanted = new WantedStatuses();
  const changed = new Channel<KubeObject>();
  const { client, clock } = manager;
  const events = manager.eventRecorder('nekube.dev/gateway-controller');
  const writer = new StatusWriter({
    ...{ client, clock, events, controllerName, wanted, stores },
    onWritten: (part) => metrics?.statusWritten(part),
  });
  const builder = manager.controller('gateway-status', { maxConcurrentReconciles: 8 });
  for (const part of PARTS_WITH_STATUS) {
    const kind = kinds.get(part);
    if (kind !== undefined) builder.watches(kind, (object) => [{ name: `${part}/${keyOf(object)}` }]);
  }
  builder
    .listens(changed, undefined, { name: 'translations' })
    .reconcile(({ name }, { signal }) => writer.write(name, signal));
  return {
    update(statuses) {
      for (const name of wanted.update(statuses)) changed.push({ metadata: { name } });
    },
  };
}

const PARTS_WITH_STATUS = [
  'gatewayClasses',
  'gateways',
  'listenerSets',
  'httpRoutes',
  'grpcRoutes',
  'tlsRoutes',
  'tcpRoutes',
  'udpRoutes',
  'backendTlsPolicies',
  'clientPolicies',
  'backendPolicies',
  'securityPolicies',
  'xBackends',
  'xBackendTrafficPolicies',
  'xTelemetryPolicies',
] as const satisfies readonly (SnapshotKind & StatusPart)[];

function addInfrastructureController(
  manager: Manager,
  kind: Kind,
  gateways: ObjectStore<KubeObject>,
): { update: (...given: Parameters<InfrastructureWriter['update']>) => void } {
  const writer = new InfrastructureWriter(manager.client, gateways);
  const changed = new Channel<KubeObject>();
  manager
    .controller('gateway-infrastructure', { maxConcurrentReconciles: 4 })
    .for(kind)
    .listens(changed, undefined, { name: 'translations' })
    .reconcile(({ namespace, name }, { signal }) => writer.write(`${namespace}/${name}`, signal));
  return {
    update(model, addresses) {
      for (const key of writer.update(model, addresses)) {
        const [namespace = '', name = ''] = key.split('/');
        changed.push({ metadata: { namespace, name } });
      }
    },
  };
}

/** Undefined where there are no XBackends. */
function addSelectorController(
  manager: Manager,
  kinds: ServedKinds,
  stores: ReadonlyMap<SnapshotKind, ObjectStore<KubeObject>>,
): { update: (model: GatewayModel) => void } | undefined {
  const [kind, store] = [kinds.get('xBackends'), stores.get('xBackends')];
  if (kind === undefined || store === undefined) return undefined;
  const writer = new SelectorServiceWriter(manager.client, store);
  const changed = new Channel<KubeObject>();
  manager
    .controller('gateway-selectors', { maxConcurrentReconciles: 4 })
    .for(kind)
    .listens(changed, undefined, { name: 'translations' })
    .reconcile(({ namespace, name }, { signal }) => writer.write(`${namespace}/${name}`, signal));
  return {
    update(model) {
      for (const key of writer.update(model)) {
        const [namespace = '', name = ''] = key.split('/');
        changed.push({ metadata: { namespace, name } });
      }
    },
  };
}
