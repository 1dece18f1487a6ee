import { type KubeObject, parseQuantity, Quantity } from 'nekube/apimachinery';
import { addTo, type ResourceList } from './resource-list.ts';
import { missingResources, podResourceNames, podUsage } from './pod-usage.ts';
import { claimMatches, endsByItself, podMatches, type ScopeSelector } from './scopes.ts';

/** What is done to an object, as far as it matters to quotas. */
export interface QuotaOperation {
  readonly operation: string;
  /** Empty: the object itself. */
  readonly subresource: string;
  /** What it becomes. */
  readonly object?: KubeObject | undefined;
  /** What it was. */
  readonly old?: KubeObject | undefined;
}

/** How the objects of one resource are counted by quotas. */
export interface Evaluator {
  /** Whether the operation can change what is used. */
  handles(attributes: QuotaOperation): boolean;
  /** Those of the names that its objects are counted by. */
  resources(names: readonly string[]): string[];
  /** What the object must say and does not; undefined if there is nothing. */
  missing?(required: readonly string[], object: KubeObject): string | undefined;
  /** Whether the object is in the scope; resources without this are in none. */
  inScope?(selector: ScopeSelector, object: KubeObject): boolean;
  /** What the object uses. */
  usage(object: KubeObject, now: Date): ResourceList;
}

const ONE = parseQuantity('1');
const STORAGE_CLASS = '.storageclass.storage.k8s.io/';
const CLAIM_RESOURCES = ['persistentvolumeclaims', 'requests.storage'];
const STORAGE_CLASS_BETA = 'volume.beta.kubernetes.io/storage-class';
const DEVICES = '.deviceclass.resource.k8s.io/devices';
const IMPLICIT_DEVICES = 'requests.deviceclass.resource.kubernetes.io/';
/** So many devices a claim for all of a class is counted as. */
const ALL_DEVICES = parseQuantity('32');

/** Older names of counts. */
const ALIASES = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'];

/** The evaluator of a resource; all that have no rules of their own are counted as objects. */
export function evaluatorOf(group: string, resource: string): Evaluator {
  const known = OWN_EVALUATORS.get(group === '' ? resource : `${resource}.${group}`);
  return known ?? countEvaluator(group, resource);
}

function countEvaluator(group: string, resource: string): Evaluator {
  const names = [`count/${resource}${group === '' ? '' : `.${group}`}`];
  if (group === '' && ALIASES.includes(resource)) names.push(resource);
  return {
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    resources: (all) => all.filter((name) => names.includes(name)),
    usage: () => new Map(names.map((name) => [name, ONE])),
  };
}

const pods: Evaluator = {
  handles({ operation, subresource, object, old }) {
    if (subresource === 'resize') return operation === 'UPDATE';
    if (subresource !== '') return false;
    if (operation === 'UPDATE') return endsByItself(old!.spec) !== endsByItself(object!.spec);
    return operation === 'CREATE';
  },
  resources: podResourceNames,
  missing: missingResources,
  inScope: podMatches,
  usage: podUsage,
};

const SERVICE_RESOURCES = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers'];

const services: Evaluator = {
  handles: isMainWrite,
  resources: (names) => names.filter((name) => SERVICE_RESOURCES.includes(name)),
  usage({ spec }) {
    const ports: readonly { readonly nodePort?: number }[] = spec.ports ?? [];
    const isBalancer = spec.type === 'LoadBalancer';
    const takesPorts = spec.type === 'NodePort' || (isBalancer && spec.allocateLoadBalancerNodePorts !== false);
    const nodePorts = takesPorts ? ports.length : isBalancer ? ports.filter((port) => port.nodePort).length : 0;
    return new Map([
      ['count/services', ONE],
      ['services', ONE],
      ['services.loadbalancers', isBalancer ? ONE : Quantity.zero],
      ['services.nodeports', parseQuantity(String(nodePorts))],
    ]);
  },
};

const claims: Evaluator = {
  handles({ operation, subresource, object, old }) {
    if (subresource === '') return operation === 'CREATE' || operation === 'UPDATE';
    // what is allocated is compared by identity in the real server, so it always differs
    return subresource === 'status' && object !== undefined && old !== undefined;
  },
  resources: (names) =>
    names.filter(
      (name) =>
        name === 'count/persistentvolumeclaims' ||
        CLAIM_RESOURCES.some((resource) => name === resource || name.endsWith(STORAGE_CLASS + resource)),
    ),
  inScope: claimMatches,
  usage(claim) {
    const usage: ResourceList = new Map([
      ['persistentvolumeclaims', ONE],
      ['count/persistentvolumeclaims', ONE],
    ]);
    const { metadata, spec } = claim;
    const className = metadata.annotations?.[STORAGE_CLASS_BETA] ?? spec.storageClassName ?? '';
    if (className !== '') usage.set(`${className}${STORAGE_CLASS}persistentvolumeclaims`, ONE);
    const storage = storageOf(claim);
    if (storage === undefined) return usage;
    usage.set('requests.storage', storage);
    if (className !== '') usage.set(`${className}${STORAGE_CLASS}requests.storage`, storage);
    return usage;
  },
};

/** Whole bytes of what is asked for, or of what was allocated where that is more. */
function storageOf({ spec, status }: KubeObject): Quantity | undefined {
  const asked = spec.resources?.requests?.storage;
  if (asked === undefined) return undefined;
  const wanted = parseQuantity(asked);
  const allocated = parseQuantity(status?.allocatedResources?.storage ?? '0');
  return wholeBytes(allocated.cmp(wanted) > 0 ? allocated : wanted);
}

function wholeBytes(amount: Quantity): Quantity {
  const whole = new Quantity(amount.value(), 0, amount.format);
  return whole.cmp(amount) === 0 ? amount : whole;
}

interface DeviceRequest {
  readonly deviceClassName: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

const deviceClaims: Evaluator = {
  handles: isMainWrite,
  resources: (names) =>
    names.filter((name) => name === 'count/resourceclaims.resource.k8s.io' || name.endsWith(DEVICES)),
  usage({ spec }) {
    const usage: ResourceList = new Map([['count/resourceclaims.resource.k8s.io', ONE]]);
    const devices: ResourceList = new Map();
    for (const request of spec.devices?.requests ?? []) {
      if ((request.firstAvailable ?? []).length > 0) addTo(devices, worstCase(request.firstAvailable));
      else if (request.exactly) addTo(devices, worstCase([request.exactly]));
    }
    for (const [className, count] of devices) {
      usage.set(className + DEVICES, count);
      if (className !== '') usage.set(IMPLICIT_DEVICES + className, count);
    }
    return usage;
  },
};

/** The most devices of each class that one of the alternatives asks for. */
function worstCase(alternatives: readonly DeviceRequest[]): ResourceList {
  const most: ResourceList = new Map();
  for (const { deviceClassName, allocationMode, count = 0 } of alternatives) {
    const amount = allocationMode === 'All' ? ALL_DEVICES : parseQuantity(String(count));
    if (amount.cmp(most.get(deviceClassName) ?? Quantity.zero) > 0) most.set(deviceClassName, amount);
  }
  return most;
}

function isMainWrite({ operation, subresource }: QuotaOperation): boolean {
  return subresource === '' && (operation === 'CREATE' || operation === 'UPDATE');
}

/** The resources with rules of their own, as `pods` or `resourceclaims.resource.k8s.io`. */
export const OWN_EVALUATORS: ReadonlyMap<string, Evaluator> = new Map([
  ['pods', pods],
  ['services', services],
  ['persistentvolumeclaims', claims],
  ['resourceclaims.resource.k8s.io', deviceClaims],
]);
