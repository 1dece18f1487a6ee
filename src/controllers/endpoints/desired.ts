import { isPodReady } from '../pods/pod.ts';
import { addressesOf, canBeEndpoint, type EndpointPod, hostnameIn, targetPortOf } from '../services/endpoint-pod.ts';
import type { EndpointAddress, Endpoints, EndpointSubset } from '../services/endpoints.ts';
import { HEADLESS_LABEL, isHeadless, type Service, TRIGGER_TIME } from '../services/service.ts';
import { printedSubset, repacked } from '../services/subsets.ts';
import { countOf, MAX_ADDRESSES, truncated } from './truncated.ts';

/** Who keeps Endpoints. */
export const MANAGER = 'endpoint-controller';
const MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

/** The endpoints of the pods that a Service selects. */
export function subsetsOf(service: Service, pods: readonly EndpointPod[]): EndpointSubset[] {
  const { publishNotReadyAddresses = false } = service.spec;
  return repacked(
    pods.flatMap((pod) => {
      const address = canBeEndpoint(pod, publishNotReadyAddresses) ? addressOf(pod, service) : undefined;
      if (address === undefined) return [];
      const addresses =
        publishNotReadyAddresses || isPodReady(pod) ? { addresses: [address] } : { notReadyAddresses: [address] };
      return portListsOf(service, pod).map((ports) => ({ ...addresses, ports }));
    }),
  );
}

/** Endpoints with these subsets, as they are to be written; undefined: they are so already. */
export function endpointsWith(
  current: Endpoints,
  { service, subsets, trigger }: { service: Service; subsets: readonly EndpointSubset[]; trigger: string | undefined },
): Endpoints | undefined {
  const isNew = current.metadata.resourceVersion === undefined;
  const before = current.subsets ?? [];
  const isSame = sameSubsets(before, subsets) || sameSubsets(repacked(before), subsets);
  const { labels = {}, annotations = {} } = current.metadata;
  if (
    !isNew &&
    isSame &&
    hasLabels(labels, service) &&
    countOf(before) <= MAX_ADDRESSES &&
    !(OVER_CAPACITY in annotations)
  )
    return undefined;
  const cut = truncated(subsets);
  const { [TRIGGER_TIME]: _, [OVER_CAPACITY]: __, ...others } = annotations;
  const { [HEADLESS_LABEL]: ___, ...own } = service.metadata.labels ?? {};
  return {
    ...current,
    metadata: {
      ...current.metadata,
      labels: { ...own, ...(isHeadless(service) && { [HEADLESS_LABEL]: '' }), [MANAGED_BY_LABEL]: MANAGER },
      annotations: {
        ...others,
        ...(trigger !== undefined && { [TRIGGER_TIME]: trigger }),
        ...(cut && { [OVER_CAPACITY]: 'truncated' }),
      },
    },
    subsets: cut ?? subsets,
  };
}

/** One list for each port that the pod has; a headless Service may have none. */
function portListsOf({ spec }: Service, pod: EndpointPod) {
  const { ports = [], clusterIP } = spec;
  if (ports.length === 0) return clusterIP === 'None' ? [[]] : [];
  return ports.flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) return [];
    const { name, protocol, appProtocol } = servicePort;
    return [
      [
        {
          ...(name && { name }),
          port,
          ...(protocol && { protocol }),
          ...(appProtocol !== undefined && { appProtocol }),
        },
      ],
    ];
  });
}

/** Undefined: the pod has no address of the Service's first family. */
function addressOf(pod: EndpointPod, service: Service): EndpointAddress | undefined {
  const [ip] = addressesOf(pod, isIPv6(service, pod) ? 6 : 4);
  if (ip === undefined) return undefined;
  const { namespace, name, uid } = pod.metadata;
  const hostname = hostnameIn(pod, service);
  return {
    ip,
    nodeName: pod.spec.nodeName ?? '',
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(hostname !== undefined && { hostname }),
  };
}

function isIPv6({ spec: { ipFamilies = [], clusterIP } }: Service, { status }: EndpointPod): boolean {
  if (ipFamilies.length > 0) return ipFamilies[0] === 'IPv6';
  const sample = clusterIP && clusterIP !== 'None' ? clusterIP : status?.podIP;
  return sample?.includes(':') ?? false;
}

function sameSubsets(a: readonly EndpointSubset[], b: readonly EndpointSubset[]): boolean {
  return a.length === b.length && a.every((subset, at) => printedSubset(subset) === printedSubset(b[at]!));
}

/** Whether Endpoints have the labels of their Service; whether it is headless is not looked at. */
function hasLabels(labels: Readonly<Record<string, string>>, { metadata }: Service): boolean {
  if (labels[MANAGED_BY_LABEL] !== MANAGER) return false;
  const own = Object.entries(labels).filter(([key]) => key !== HEADLESS_LABEL && key !== MANAGED_BY_LABEL);
  const wanted = metadata.labels ?? {};
  return own.length === Object.keys(wanted).length && own.every(([key, value]) => wanted[key] === value);
}
