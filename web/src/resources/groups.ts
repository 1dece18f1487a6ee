import type { Kind } from '../api/kinds.ts';

/** A heading of the sidebar: a topic of built-in kinds, or an API group by its name. */
export interface KindGroup {
  readonly id: string;
  /** The key of its text; an API group has none and is called by its name. */
  readonly title?: 'workloads' | 'configuration' | 'network' | 'storage' | 'access' | 'cluster' | 'extension';
}

type Topic = NonNullable<KindGroup['title']>;

/** Which built-in kinds stand together, in this order: `resource`, or `resource.group` outside the core group. */
const TOPICS: Readonly<Record<Topic, readonly string[]>> = {
  workloads: [
    'pods',
    'deployments.apps',
    'statefulsets.apps',
    'daemonsets.apps',
    'jobs.batch',
    'cronjobs.batch',
    'replicasets.apps',
    'replicationcontrollers',
    'controllerrevisions.apps',
    'horizontalpodautoscalers.autoscaling',
    'poddisruptionbudgets.policy',
  ],
  network: [
    'services',
    'ingresses.networking.k8s.io',
    'ingressclasses.networking.k8s.io',
    'networkpolicies.networking.k8s.io',
    'endpointslices.discovery.k8s.io',
    'endpoints',
    'ipaddresses.networking.k8s.io',
    'servicecidrs.networking.k8s.io',
  ],
  configuration: [
    'configmaps',
    'secrets',
    'resourcequotas',
    'limitranges',
    'podtemplates',
    'priorityclasses.scheduling.k8s.io',
    'runtimeclasses.node.k8s.io',
  ],
  storage: [
    'persistentvolumeclaims',
    'persistentvolumes',
    'storageclasses.storage.k8s.io',
    'volumeattachments.storage.k8s.io',
    'volumeattributesclasses.storage.k8s.io',
    'csidrivers.storage.k8s.io',
    'csinodes.storage.k8s.io',
    'csistoragecapacities.storage.k8s.io',
  ],
  access: [
    'serviceaccounts',
    'roles.rbac.authorization.k8s.io',
    'rolebindings.rbac.authorization.k8s.io',
    'clusterroles.rbac.authorization.k8s.io',
    'clusterrolebindings.rbac.authorization.k8s.io',
    'certificatesigningrequests.certificates.k8s.io',
  ],
  cluster: ['namespaces', 'nodes', 'events', 'leases.coordination.k8s.io', 'componentstatuses'],
  extension: [
    'customresourcedefinitions.apiextensions.k8s.io',
    'apiservices.apiregistration.k8s.io',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
    'mutatingadmissionpolicies.admissionregistration.k8s.io',
    'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
    'validatingadmissionpolicies.admissionregistration.k8s.io',
    'validatingadmissionpolicybindings.admissionregistration.k8s.io',
    'flowschemas.flowcontrol.apiserver.k8s.io',
    'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
  ],
};

/** Events are served by two groups, and are the same objects. */
const TWICE = new Set(['events.events.k8s.io']);

const idOf = (kind: Kind): string => (kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`);

/** The kinds that can be listed, by topic; what is of no topic stands below its API group, by name. */
export function groupKinds(kinds: readonly Kind[]): { readonly group: KindGroup; readonly kinds: readonly Kind[] }[] {
  const rest = new Map(
    kinds.filter((kind) => kind.verbs.includes('list') && !TWICE.has(idOf(kind))).map((kind) => [idOf(kind), kind]),
  );
  const topics = Object.entries(TOPICS).map(([title, ids]) => ({
    group: { id: title, title: title as Topic },
    kinds: ids.flatMap((id) => {
      const kind = rest.get(id);
      rest.delete(id);
      return kind ? [kind] : [];
    }),
  }));
  const byGroup = new Map<string, Kind[]>();
  for (const kind of rest.values()) byGroup.set(kind.group, [...(byGroup.get(kind.group) ?? []), kind]);
  const others = [...byGroup].sort(([a], [b]) => a.localeCompare(b));
  return [...topics, ...others.map(([id, kinds]) => ({ group: { id: id || 'core' }, kinds }))].filter(
    (one) => one.kinds.length > 0,
  );
}
