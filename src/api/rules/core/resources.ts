import {
  duplicate,
  type FieldError,
  forbidden,
  goQuote,
  invalid,
  isDns1123Label,
  isQualifiedName,
  notFound,
  type Path,
  parseQuantity,
  Quantity,
  required as requiredError,
} from 'nekube/apimachinery';
import type { Check, Loose } from '../rule.ts';
import type { PodCheckOptions } from './pod-options.ts';

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
const COUNTED_RESOURCES = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const STANDARD_RESOURCES = new Set([
  ...['cpu', 'memory', 'ephemeral-storage', 'storage'],
  ...['requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'requests.storage'],
  ...['limits.cpu', 'limits.memory', 'limits.ephemeral-storage'],
  ...COUNTED_RESOURCES,
]);
const INTEGER_RESOURCES = new Set(COUNTED_RESOURCES);

/** True for `hugepages-2Mi` and its like. */
export function isHugePageResource(name: string): boolean {
  return name.startsWith('hugepages-');
}

/** True for the resources that Kubernetes itself defines. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** True for the resources of vendors, such as `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return isQualifiedName(`requests.${name}`).length === 0;
}

/** True where requests may be lower than limits. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePageResource(name);
}

/** True for the unqualified names that Kubernetes knows, also those of quotas. */
function isStandardResource(name: string): boolean {
  return STANDARD_RESOURCES.has(name) || isHugePageResource(name) || name.startsWith('requests.hugepages-');
}

/** A resource's name: qualified, or one that Kubernetes knows. */
export const checkResourceName: Check = (name: string, path, { errors }) => {
  const messages = isQualifiedName(name);
  for (const message of messages) errors.push(invalid(path, name, message));
  if (messages.length > 0 || name.includes('/') || isStandardResource(name)) return;
  errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'));
};

/** The name of a resource that a container can ask for. */
export const checkContainerResourceName: Check = (name: string, path, context) => {
  checkResourceName(name, path, context);
  if (!name.includes('/')) {
    if (CONTAINER_RESOURCES.has(name) || isHugePageResource(name)) return;
    context.errors.push(invalid(path, name, 'must be a standard resource for containers'));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    context.errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  }
};

/** An amount of a resource: not negative, and whole where only whole numbers make sense. */
export function checkResourceAmount(name: string, amount: string, path: Path, errors: FieldError[]): void {
  const quantity = parseQuantity(amount);
  if (quantity.sign() < 0) errors.push(invalid(path, amount, 'must be greater than or equal to 0'));
  if ((INTEGER_RESOURCES.has(name) || isExtendedResource(name)) && isFractional(amount)) {
    errors.push(invalid(path, amount, 'must be an integer'));
  }
}

/** True when a quantity is not a whole number. */
function isFractional(amount: string): boolean {
  return parseQuantity(amount).milliValue() % 1000n !== 0n;
}

/** The requests, limits and claims of a container, a pod or an overhead. */
export function checkResourceRequirements(
  checkName: Check,
  claimNames: ReadonlySet<string>,
  options: PodCheckOptions,
): Check {
  return (requirements, path, context) => {
    const { limits = {}, requests = {}, claims } = requirements ?? {};
    const names = [...Object.keys(limits), ...Object.keys(requests)];
    for (const name of Object.keys(limits).sort()) {
      const at = path.child('limits').key(name);
      checkAmount(checkName, name, limits[name], at, context);
      checkHugePages(name, limits[name], at, options, context.errors);
    }
    for (const name of Object.keys(requests).sort()) {
      const at = path.child('requests').key(name);
      checkAmount(checkName, name, requests[name], at, context);
      checkRequestFitsLimit(name, requests[name], limits[name], path, context.errors);
      checkHugePages(name, requests[name], at, options, context.errors);
    }
    if (names.some(isHugePageResource) && !names.includes('cpu') && !names.includes('memory')) {
      context.errors.push(forbidden(path, 'HugePages require cpu or memory'));
    }
    checkClaims(claimNames)(claims, path.child('claims'), context);
  };
}

function checkAmount(checkName: Check, name: string, amount: string, at: Path, context: Loose): void {
  checkName(name, at, context);
  checkResourceAmount(name, amount, at, context.errors);
}

function checkRequestFitsLimit(
  name: string,
  request: string,
  limit: string | undefined,
  path: Path,
  errors: FieldError[],
) {
  const at = path.child('requests');
  if (limit === undefined) {
    if (isOvercommitAllowed(name)) return;
    errors.push(requiredError(path.child('limits'), 'Limit must be set for non overcommitable resources'));
    return;
  }
  const order = parseQuantity(request).cmp(parseQuantity(limit));
  if (order !== 0 && !isOvercommitAllowed(name)) {
    errors.push(invalid(at, request, `must be equal to ${name} limit of ${limit}`));
  } else if (order > 0) {
    errors.push(invalid(at, request, `must be less than or equal to ${name} limit of ${limit}`));
  }
}

function checkHugePages(name: string, amount: string, at: Path, options: PodCheckOptions, errors: FieldError[]): void {
  if (!isHugePageResource(name) || options.allowIndivisibleHugePagesValues || isWholeHugePages(name, amount)) return;
  errors.push(invalid(at, amount, `${amount} is not positive integer multiple of ${name}`));
}

/** True when the amount is a multiple of the page size that the resource's name tells. */
export function isWholeHugePages(name: string, amount: string): boolean {
  const size = name.slice('hugepages-'.length);
  try {
    const page = parseQuantity(size);
    if (page.sign() <= 0 || isFractional(size)) return false;
    return parseQuantity(amount).value() % page.value() === 0n;
  } catch {
    return false;
  }
}

/** The claims of a container: each one of the pod's, and none twice. */
function checkClaims(claimNames: ReadonlySet<string>): Check {
  return (claims, path, context) => {
    const seen = new Set<string>();
    (claims ?? []).forEach((claim: Loose, i: number) => {
      const at = path.index(i);
      if (!claim.name) context.errors.push(requiredError(at, ''));
      else checkClaim(claim, at, seen, claimNames, context.errors);
    });
  };
}

function checkClaim(claim: Loose, at: Path, seen: Set<string>, claimNames: ReadonlySet<string>, errors: FieldError[]) {
  const { name, request } = claim;
  if (seen.has(name)) errors.push(duplicate(at, name));
  else {
    const key = request ? `${name}/${request}` : name;
    if (request) for (const m of isDns1123Label(request)) errors.push(invalid(at.child('request'), request, m));
    if (seen.has(key)) errors.push(duplicate(at, key));
    else if (!request) {
      for (const other of seen) if (other.startsWith(`${name}/`)) errors.push(duplicate(at, name));
    }
    seen.add(key);
  }
  if (claimNames.has(name)) return;
  const names = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`;
  const error = notFound(at, name);
  errors.push({ ...error, message: `${error.message}: must be one of the names in pod.spec.resourceClaims${names}` });
}

/** Rounds amounts up to thousandths, in place. */
export function roundAmounts(amounts: Loose): void {
  for (const [name, amount] of Object.entries(amounts ?? {}) as [string, string][]) {
    const quantity = parseQuantity(amount);
    if (quantity.exponent >= -3) continue;
    amounts[name] = new Quantity(quantity.milliValue(), -3, quantity.format).toString();
  }
}

/** {@link roundAmounts} of requests and limits. */
export function roundRequirements(requirements: Loose): void {
  roundAmounts(requirements?.limits);
  roundAmounts(requirements?.requests);
}

/** Warnings about amounts of bytes that are not whole. */
export function fractionWarnings(amounts: Loose, names: readonly string[], path: Path): string[] {
  return names
    .filter((name) => amounts?.[name] !== undefined && isFractional(amounts[name]))
    .map((name) => `${path.key(name)}: fractional byte value ${goQuote(amounts[name])} is invalid, must be an integer`);
}
