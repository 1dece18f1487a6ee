import { parseQuantity } from 'nekube/apimachinery';
import type { FieldRef, ResourceFieldRef } from '../pod/container.ts';
import { allContainers, type Pod } from '../pod/pod.ts';

/** What of a pod is known only where it runs. */
export interface PodPlace {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The value of a field of a pod, as `fieldRef` names it. @throws RangeError for a field that there is not */
export function fieldOf(pod: Pod, { fieldPath }: FieldRef, { podIPs, hostIPs }: Omit<PodPlace, 'allocatable'>): string {
  const { metadata, spec } = pod;
  const one = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(fieldPath);
  if (one !== null) return metadata[one[1] as 'labels']?.[one[2]!] ?? '';
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name ?? '';
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
    case 'metadata.annotations':
      return formatMap(metadata[fieldPath.slice(9) as 'labels'] ?? {});
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return hostIPs[0] ?? '';
    case 'status.hostIPs':
      return hostIPs.join(',');
    case 'status.podIP':
      return podIPs[0] ?? '';
    case 'status.podIPs':
      return podIPs.join(',');
    default:
      throw new RangeError(`unsupported fieldPath: ${fieldPath}`);
  }
}

/** A request or limit of a container, in units of its divisor, rounded up; a limit that is not set is what the node has. */
export function resourceOf(
  pod: Pod,
  { resource, containerName, divisor = '0' }: ResourceFieldRef,
  own: string | undefined,
  allocatable: Readonly<Record<string, string>>,
): string {
  const container = allContainers(pod).find(({ name }) => name === (containerName || own));
  if (container === undefined) throw new RangeError(`container ${containerName || own} not found`);
  const [kind = '', ...rest] = resource.split('.');
  const name = rest.join('.');
  const limit = container.resources?.limits?.[name] ?? allocatable[name] ?? '0';
  const value = parseQuantity(kind === 'limits' ? limit : (container.resources?.requests?.[name] ?? '0'));
  const unit = parseQuantity(divisor === '0' || divisor === '' ? '1' : divisor);
  const [amount, each] = name === 'cpu' ? [value.milliValue(), unit.milliValue()] : [value.value(), unit.value()];
  return String((amount + each - 1n) / each);
}

/** Labels as the downward API has them: a line each, sorted, values in quotes. */
function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}
