import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { eventCells } from './events.ts';
import {
  ageOf,
  containerCells,
  firstOf,
  formatLabels,
  ingressAddresses,
  joinSet,
  nameAnd,
  nameAndCreation,
  orElse,
} from './format.ts';
import { podCells } from './pods.ts';

/** Cells of the core group's resources. */
export const coreCells: Readonly<Record<string, CellPrinter>> = {
  componentstatuses: componentCells,
  configmaps: nameAnd(({ data, binaryData }) => [countOf(data) + countOf(binaryData)]),
  endpoints: nameAnd(({ subsets }) => [formatSubsets(subsets ?? [])]),
  events: eventCells,
  limitranges: nameAndCreation,
  namespaces: nameAnd(({ status }) => [status?.phase ?? '']),
  nodes: nodeCells,
  persistentvolumeclaims: claimCells,
  persistentvolumes: volumeCells,
  pods: podCells,
  podtemplates: ({ metadata, template }) => [
    metadata.name ?? '',
    ...containerCells(template?.spec?.containers),
    formatLabels(template?.metadata?.labels),
  ],
  replicationcontrollers: (object, now) => [
    ...nameAnd(({ spec, status }) => [spec?.replicas ?? 0, status?.replicas ?? 0, status?.readyReplicas ?? 0])(
      object,
      now,
    ),
    ...containerCells(object.spec?.template?.spec?.containers),
    formatLabels(object.spec?.selector),
  ],
  resourcequotas: nameAnd(quotaCells),
  secrets: nameAnd(({ type, data }) => [type ?? '', countOf(data)]),
  serviceaccounts: nameAnd(),
  services: serviceCells,
};

function countOf(map: object | null | undefined): number {
  return Object.keys(map ?? {}).length;
}

function componentCells({ metadata, conditions }: KubeObject): JsonValue[] {
  const healthy = (conditions ?? []).find((c: Loose) => c.type === 'Healthy');
  if (!healthy) return [metadata.name ?? '', 'Unknown', '', ''];
  const status = healthy.status === 'True' ? 'Healthy' : 'Unhealthy';
  return [metadata.name ?? '', status, healthy.message ?? '', healthy.error ?? ''];
}

/** `10.0.0.1:80,10.0.0.2:80 + 3 more...`. */
function formatSubsets(subsets: readonly Loose[]): string {
  if (subsets.length === 0) return '<none>';
  const all = subsets.flatMap(({ addresses, ports }) => {
    const ips: string[] = (addresses ?? []).map((address: Loose) => address.ip ?? '');
    if ((ports ?? []).length === 0) return ips;
    return ports.flatMap(({ port }: Loose) => ips.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${port ?? 0}`));
  });
  return firstOf(all, 3);
}

function nodeCells(node: KubeObject, now: Date): JsonValue[] {
  const info = node.status?.nodeInfo ?? {};
  const kernel = orElse(info.kernelVersion, '<unknown>');
  return [
    node.metadata.name ?? '',
    nodeStatus(node),
    orElse(joinSet(nodeRoles(node.metadata.labels ?? {})), '<none>'),
    ageOf(node, now),
    info.kubeletVersion ?? '',
    addressOf(node, 'InternalIP'),
    addressOf(node, 'ExternalIP'),
    orElse(info.osImage, '<unknown>'),
    info.architecture ? `${kernel} (${info.architecture})` : kernel,
    orElse(info.containerRuntimeVersion, '<unknown>'),
  ];
}

function nodeStatus(node: KubeObject): string {
  const ready = (node.status?.conditions ?? []).findLast((c: Loose) => c.type === 'Ready');
  const status = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable ? `${status},SchedulingDisabled` : status;
}

function nodeRoles(labels: Readonly<Record<string, string>>): string[] {
  const prefix = 'node-role.kubernetes.io/';
  return Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(prefix)) return key === prefix ? [] : [key.slice(prefix.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
}

function addressOf(node: KubeObject, type: string): string {
  const found = (node.status?.addresses ?? []).find((a: Loose) => a.type === type);
  return found === undefined ? '<none>' : (found.address ?? '');
}

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

function classOf({ metadata, spec }: KubeObject): string {
  return metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';
}

function phaseOf({ metadata, status }: KubeObject): string {
  return metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '');
}

function claimCells(claim: KubeObject, now: Date): JsonValue[] {
  const spec = claim.spec ?? {};
  const bound = Boolean(spec.volumeName);
  return [
    claim.metadata.name ?? '',
    phaseOf(claim),
    spec.volumeName ?? '',
    bound ? (claim.status?.capacity?.storage ?? '0') : '',
    bound ? accessModes(claim.status?.accessModes) : '',
    classOf(claim),
    spec.volumeAttributesClassName ?? '<unset>',
    ageOf(claim, now),
    spec.volumeMode ?? '<unset>',
  ];
}

function volumeCells(volume: KubeObject, now: Date): JsonValue[] {
  const spec = volume.spec ?? {};
  const claim = spec.claimRef;
  return [
    volume.metadata.name ?? '',
    spec.capacity?.storage ?? '0',
    accessModes(spec.accessModes),
    spec.persistentVolumeReclaimPolicy ?? '',
    phaseOf(volume),
    claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : '',
    classOf(volume),
    spec.volumeAttributesClassName ?? '<unset>',
    volume.status?.reason ?? '',
    ageOf(volume, now),
    spec.volumeMode ?? '<unset>',
  ];
}

const ACCESS_MODES = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const;

function accessModes(modes: readonly string[] | null | undefined): string {
  return ACCESS_MODES.filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

/** Requests and limits, each `resource: used/hard` in the order of the resources' names. */
function quotaCells({ status }: KubeObject): JsonValue[] {
  const texts = Object.keys(status?.hard ?? {})
    .sort()
    .map((resource) => ({
      isLimit: resource.startsWith('limits.'),
      text: `${resource}: ${status.used?.[resource] ?? '0'}/${status.hard[resource]}`,
    }));
  const join = (isLimit: boolean) =>
    texts
      .filter((t) => t.isLimit === isLimit)
      .map((t) => t.text)
      .join(', ');
  return [join(false), join(true)];
}

function serviceCells(service: KubeObject, now: Date): JsonValue[] {
  const spec = service.spec ?? {};
  return [
    service.metadata.name ?? '',
    spec.type ?? '',
    spec.clusterIPs?.[0] ?? '<none>',
    externalIp(service),
    orElse((spec.ports ?? []).map(formatPort).join(','), '<none>'),
    ageOf(service, now),
    formatLabels(spec.selector),
  ];
}

function formatPort({ port = 0, nodePort = 0, protocol = '' }: Loose): string {
  return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

function externalIp({ spec, status }: KubeObject): string {
  const given: string[] = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return given.length > 0 ? given.join(',') : '<none>';
    case 'LoadBalancer': {
      const balanced = ingressAddresses(status?.loadBalancer);
      return orElse([...(balanced === '' ? [] : [balanced]), ...given].join(','), '<pending>');
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}
