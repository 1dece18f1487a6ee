import type { PolicySet } from '../policies/index.ts';
import { LayeredMap } from '../model/layered-map.ts';
import { readOr } from './malformed.ts';
import type {
  BackendTLSPolicy,
  ConfigMap,
  EndpointSlice,
  Gateway,
  ListenerSet,
  ObjectReference,
  ReferenceGrant,
  Resource,
  Secret,
  Service,
  XBackend,
  XBackendTrafficPolicy,
  XTelemetryPolicy,
} from './resources.ts';
import { groupsOfSlice, type SliceOwner, slicesGroup } from './slice-groups.ts';
import { type Objects, SNAPSHOT_KINDS, type Snapshot, type SnapshotKind } from './snapshot.ts';

/** Something that a translation looked at: `services/NAMESPACE/NAME`, or a group of objects as `grants/NAMESPACE`. */
export type Dependency = string;

const PARTS = Object.keys(SNAPSHOT_KINDS) as SnapshotKind[];
const GROUP = 'gateway.networking.k8s.io';

/** What of objects is looked for by something else than their name, and how each is found. */
const GROUPS: Partial<Record<SnapshotKind, (object: Resource) => readonly string[]>> = {
  referenceGrants: ({ metadata }) => [`grants/${metadata.namespace}`],
  listenerSets: (set) => [`listenerSetsOf/${gatewayOf(set as ListenerSet)}`],
  endpointSlices: groupsOfSlice,
  backendTlsPolicies: (policy) => targetsOf(policy as BackendTLSPolicy, 'policiesOf'),
  xBackendTrafficPolicies: (policy) => targetsOf(policy as XBackendTrafficPolicy, 'trafficPoliciesOf'),
  xTelemetryPolicies: (policy) => telemetryTargets(policy as XTelemetryPolicy).map((key) => `telemetryOf/${key}`),
  gateways: (gateway) => ((gateway as Gateway).spec?.defaultScope === 'All' ? ['defaultGateways'] : []),
};

/** That there is anything at all of a kind. */
const ANY = {
  backendTlsPolicies: 'any/backendTlsPolicies',
  xBackendTrafficPolicies: 'any/xBackendTrafficPolicies',
  xTelemetryPolicies: 'any/xTelemetryPolicies',
} as const;

/** The cluster as it was last seen: it finds out what a snapshot changed, and keeps groups of objects. */
export class Cluster {
  #snapshot: Snapshot | undefined;
  readonly #groups = new Map<Dependency, Map<string, Resource>>();

  /** What users say beside Gateway API; undefined where there are no such policies. */
  policies: PolicySet | undefined;

  /** Takes over a snapshot; returns all that is not as before. */
  update(snapshot: Snapshot): Set<Dependency> {
    const changed = new Set<Dependency>();
    for (const part of PARTS) this.#updatePart(part, this.#snapshot?.[part], snapshot[part], changed);
    if (this.#snapshot?.controllerName !== snapshot.controllerName) changed.add('controllerName');
    if (this.#snapshot?.supportedFeatures !== snapshot.supportedFeatures) changed.add('supportedFeatures');
    if (this.#snapshot?.addresses !== snapshot.addresses) changed.add('addresses');
    this.#snapshot = snapshot;
    return changed;
  }

  /** The last snapshot. */
  get snapshot(): Snapshot {
    return this.#snapshot!;
  }

  /** The objects of a group, sorted by nothing. */
  group(name: Dependency): Iterable<Resource> {
    return this.#groups.get(name)?.values() ?? [];
  }

  #updatePart(
    part: SnapshotKind,
    before: Objects<Resource> | undefined,
    now: Objects<Resource>,
    changed: Set<Dependency>,
  ): void {
    if (before === now) return;
    if ((before?.size ?? 0) === 0 || now.size === 0) changed.add(`any/${part}`);
    if (before === undefined) {
      this.#addPart(part, now, changed);
      return;
    }
    for (const key of LayeredMap.differing(before, now)) {
      const [old, object] = [before.get(key), now.get(key)];
      const groups = this.#regroup(part, key, old, object);
      if (old !== undefined && object !== undefined && isSame(part, old, object)) continue;
      changed.add(`${part}/${key}`);
      for (const group of groups) changed.add(group);
    }
  }

  /** Nobody has looked at anything yet: but for routes, that there is another kind is enough to know. */
  #addPart(part: SnapshotKind, now: Objects<Resource>, changed: Set<Dependency>): void {
    for (const [key, object] of now) {
      const groups = this.#regroup(part, key, undefined, object);
      if (!part.endsWith('Routes')) continue;
      changed.add(`${part}/${key}`);
      for (const group of groups) changed.add(group);
    }
    changed.add(part);
  }

  /** Puts an object into its groups; returns those that it was in or is in. */
  #regroup(
    part: SnapshotKind,
    key: string,
    old: Resource | undefined,
    now: Resource | undefined,
  ): Iterable<Dependency> {
    const groupsOf = GROUPS[part];
    if (groupsOf === undefined) return [];
    const left =
      old === undefined
        ? []
        : readOr(
            () => groupsOf(old),
            () => [],
          );
    const entered =
      now === undefined
        ? []
        : readOr(
            () => groupsOf(now),
            () => [],
          );
    for (const name of left) this.#groups.get(name)?.delete(key);
    for (const name of entered) {
      let group = this.#groups.get(name);
      if (group === undefined) this.#groups.set(name, (group = new Map()));
      group.set(key, now!);
    }
    return [...left, ...entered];
  }
}

/** Whether nothing changed that a translation reads: of most kinds it is the spec alone, of which generations tell. */
function isSame(part: SnapshotKind, a: Resource, b: Resource): boolean {
  if (a === b) return true;
  const { uid, generation } = a.metadata;
  if (uid === undefined || uid !== b.metadata.uid) return false;
  if (part === 'namespaces') return sameLabels(a.metadata.labels, b.metadata.labels);
  const { group } = SNAPSHOT_KINDS[part];
  return group.startsWith('gateway.') && generation !== undefined && generation === b.metadata.generation;
}

function sameLabels(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** The key of the Gateway that a set is for; empty where it is for something else. */
export function gatewayOf({ metadata, spec }: ListenerSet): string {
  const ref = spec?.parentRef;
  if (ref === undefined || (ref.group ?? GROUP) !== GROUP || (ref.kind ?? 'Gateway') !== 'Gateway') return '';
  return `${ref.namespace ?? metadata.namespace}/${ref.name}`;
}

function targetsOf(
  { metadata, spec }: Resource & { readonly spec?: { readonly targetRefs?: readonly ObjectReference[] } },
  what: string,
): string[] {
  const targets = spec?.targetRefs ?? [];
  return targets.map(({ group, kind, name }) => `${what}/${metadata.namespace}/${group ?? ''}/${kind}/${name}`);
}

/** The keys of the gateways that a policy is about. */
export function telemetryTargets({ metadata, spec }: XTelemetryPolicy): string[] {
  const targets = (spec?.targetRefs ?? []).filter(({ group, kind }) => group === GROUP && kind === 'Gateway');
  return [...new Set(targets.map(({ name }) => `${metadata.namespace}/${name}`))];
}

/** The cluster as one translation of something sees it: what it looks at is written down. */
export class View {
  readonly dependencies = new Set<Dependency>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** What is the same for all. */
  get controllerName(): string {
    return this.#cluster.snapshot.controllerName;
  }

  /** What policies say; who asks must note which levels it asked about. */
  get policies(): PolicySet | undefined {
    this.dependencies.add('policies');
    return this.#cluster.policies;
  }

  /** Whether the data plane has a feature. */
  supports(feature: string): boolean {
    this.dependencies.add('supportedFeatures');
    return this.#cluster.snapshot.supportedFeatures.includes(feature);
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#look('services', `${namespace}/${name}`) as Service | undefined;
  }

  serviceImport(namespace: string, name: string): Service | undefined {
    return this.#look('serviceImports', `${namespace}/${name}`) as Service | undefined;
  }

  xBackend(namespace: string, name: string): XBackend | undefined {
    return this.#look('xBackends', `${namespace}/${name}`) as XBackend | undefined;
  }

  secret(namespace: string, name: string): Secret | undefined {
    return this.#look('secrets', `${namespace}/${name}`) as Secret | undefined;
  }

  configMap(namespace: string, name: string): ConfigMap | undefined {
    return this.#look('configMaps', `${namespace}/${name}`) as ConfigMap | undefined;
  }

  trustBundle(name: string): Resource | undefined {
    return this.#look('clusterTrustBundles', name);
  }

  namespace(name: string): Resource | undefined {
    return this.#look('namespaces', name);
  }

  gatewayClass(name: string): Resource | undefined {
    return this.#look('gatewayClasses', name);
  }

  /** The grants in a namespace. */
  grants(namespace: string): Iterable<ReferenceGrant> {
    return this.#group(`grants/${namespace}`);
  }

  /** The ListenerSets that name a Gateway. */
  listenerSetsOf(gatewayKey: string): Iterable<ListenerSet> {
    return this.#group(`listenerSetsOf/${gatewayKey}`);
  }

  /** The slices of a Service, or of something else that has them. */
  slicesOf(owner: SliceOwner, namespace: string, name: string): Iterable<EndpointSlice> {
    return this.#group(slicesGroup(owner, namespace, name));
  }

  /** The policies that name a target. */
  policiesOf(namespace: string, group: string, kind: string, name: string): Iterable<BackendTLSPolicy> {
    if (this.#isNone('backendTlsPolicies')) return [];
    return this.#group(`policiesOf/${namespace}/${group}/${kind}/${name}`);
  }

  /** The traffic policies that name a target. */
  trafficPoliciesOf(namespace: string, group: string, kind: string, name: string): Iterable<XBackendTrafficPolicy> {
    if (this.#isNone('xBackendTrafficPolicies')) return [];
    return this.#group(`trafficPoliciesOf/${namespace}/${group}/${kind}/${name}`);
  }

  /** What policies say of telemetry of a Gateway. */
  telemetryOf(gatewayKey: string): Iterable<XTelemetryPolicy> {
    if (this.#isNone('xTelemetryPolicies')) return [];
    return this.#group(`telemetryOf/${gatewayKey}`);
  }

  /** The gateways that take routes which name none. */
  defaultGateways(): Iterable<Gateway> {
    return this.#group('defaultGateways');
  }

  #look(part: SnapshotKind, key: string): Resource | undefined {
    this.dependencies.add(`${part}/${key}`);
    return this.#cluster.snapshot[part].get(key);
  }

  /** Of a kind of which mostly there is none: then that is all that is noted. */
  #isNone(part: 'backendTlsPolicies' | 'xBackendTrafficPolicies' | 'xTelemetryPolicies'): boolean {
    if (this.#cluster.snapshot[part].size > 0) return false;
    this.dependencies.add(ANY[part]);
    return true;
  }

  #group<T extends Resource>(name: string): Iterable<T> {
    this.dependencies.add(name);
    return this.#cluster.group(name) as Iterable<T>;
  }
}
