import {
  byteLength,
  duplicate,
  forbidden,
  invalid,
  isDns1123Label,
  isQualifiedName,
  isValidGroupId,
  isValidLegacyIp,
  isValidUserId,
  nameIsDnsSubdomain,
  notSupported,
  type Path,
  parseIp,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import { dualStackErrors } from './dual-stack.ts';
import { type Check, checkImmutable, each, fields, type Loose, matches, type RuleContext } from '../rule.ts';

const checkSubdomain = matches((name) => nameIsDnsSubdomain(name, false));
const checkUserId = matches(isValidUserId as (id: Loose) => string[]);
const checkGroupId = matches(isValidGroupId as (id: Loose) => string[]);

/** The status of a pod, as its node and the scheduler write it; `spec` is the stored spec. */
export const checkPodStatus: Check = (status, path, context) => {
  const { object, old, errors } = context;
  const before = old!.status ?? {};
  const { spec } = object;
  checkConditions(status.conditions, path.child('conditions'), context);
  checkNominatedNode(status.nominatedNodeName ?? '', before.nominatedNodeName ?? '', path, context);
  checkCount(status.observedGeneration, path.child('observedGeneration'), context);
  checkImmutable(status.qosClass ?? '', before.qosClass ?? '', path.child('qosClass'), errors);
  for (const list of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']) {
    checkStateTransitions(status[list] ?? [], before[list] ?? [], list, path.child(list), context);
  }
  checkClaimStatuses(spec)(status.resourceClaimStatuses, path.child('resourceClaimStatuses'), context);
  checkExtendedClaim(spec)(status.extendedResourceClaimStatus, path.child('extendedResourceClaimStatus'), context);
  checkPodIps(status, before, path, context);
  for (const list of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']) {
    each(checkUser(spec.os?.name ?? 'linux'))(status[list], path.child(list), context);
  }
  checkAllocated(spec.containers)(status.containerStatuses, path.child('containerStatuses'), context);
  checkAllocated(spec.initContainers)(status.initContainerStatuses, path.child('initContainerStatuses'), context);
  each(checkNothingAllocated)(status.ephemeralContainerStatuses, path.child('ephemeralContainerStatuses'), context);
};

const checkCount: Check = (value, path, { errors }) => {
  if (value < 0) errors.push(invalid(path, value, 'must be a non-negative integer'));
};

const checkConditions: Check = each(({ type = '', observedGeneration }, path, context) => {
  checkCount(observedGeneration, path.child('observedGeneration'), context);
  if (['PodScheduled', 'Ready', 'Initialized'].includes(type)) return;
  for (const message of isQualifiedName(type)) context.errors.push(invalid(path.child('Type'), type, message));
});

function checkNominatedNode(name: string, before: string, path: Path, context: RuleContext): void {
  if (name === before || name === '') return;
  const at = path.child('nominatedNodeName');
  checkSubdomain(name, at, context);
  if (!context.old!.spec.nodeName) return;
  context.errors.push(forbidden(at, 'may not be set on pods that are already bound to a node'));
}

/** A container that has ended stays so, unless its policy starts it again. */
function checkStateTransitions(now: Loose[], before: Loose[], list: string, path: Path, context: RuleContext): void {
  const { spec } = context.old!;
  const ephemeral = list === 'ephemeralContainerStatuses';
  const containers: Loose[] = (list === 'containerStatuses' ? spec.containers : spec.initContainers) ?? [];
  if (!ephemeral && couldAllRestart(spec)) return;
  before.forEach(({ name, state }, i) => {
    if (!state?.terminated) return;
    const status = now.find((s) => s.name === name && !s.state?.terminated);
    if (!status) return;
    const container = containers.find((c) => c.name === name);
    if (!ephemeral && container && restartsAfter(container, spec, state.terminated.exitCode ?? 0)) return;
    context.errors.push(forbidden(path.index(i).child('state'), 'may not be transitioned to non-terminated state'));
  });
}

function couldAllRestart(spec: Loose): boolean {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  return containers.some((c) => (c.restartPolicyRules ?? []).some((r: Loose) => r.action === 'RestartAllContainers'));
}

function restartsAfter(container: Loose, spec: Loose, exitCode: number): boolean {
  if (container.restartPolicy !== undefined && (container.restartPolicyRules ?? []).some(matchesExit(exitCode)))
    return true;
  const policy = container.restartPolicy ?? spec.restartPolicy;
  return policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never';
}

function matchesExit(exitCode: number): (rule: Loose) => boolean {
  return ({ exitCodes }) => {
    const listed = (exitCodes?.values ?? []).includes(exitCode);
    return exitCodes?.operator === 'In' ? listed : exitCodes?.operator === 'NotIn' && !listed;
  };
}

function checkClaimStatuses({ resourceClaims = [] }: Loose): Check {
  return (statuses, path, context) => {
    const seen = new Set<string>();
    (statuses ?? []).forEach(({ name = '', resourceClaimName }: Loose, i: number) => {
      const at = path.index(i);
      if (!resourceClaims.some((claim: Loose) => claim.name === name)) {
        const detail = 'must match the name of an entry in `spec.resourceClaims`';
        context.errors.push(invalid(at.child('name'), name, detail));
      }
      if (seen.has(name)) context.errors.push(duplicate(at.child('name'), name));
      seen.add(name);
      checkSubdomain(resourceClaimName, at.child('resourceClaimName'), context);
    });
  };
}

/** The claim that stands for extended resources which drivers of devices serve. */
function checkExtendedClaim(spec: Loose): Check {
  const containers = new Map<string, Loose>(
    [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map((c: Loose) => [c.name, c]),
  );
  return (status, path, context) => {
    if (!status) return;
    const { errors } = context;
    const { resourceClaimName = '' } = status;
    const mappings: Loose[] = status.requestMappings ?? [];
    const list = path.child('requestMappings');
    if (mappings.length === 0) errors.push(requiredError(list, 'at least one request mapping is required'));
    const seen = new Set<string>();
    mappings.forEach((mapping, i) => {
      checkMapping(mapping, list.index(i), path, containers, context);
      const { containerName = '', resourceName = '', requestName = '' } = mapping;
      const key = JSON.stringify([containerName, resourceName, requestName]);
      if (seen.has(key)) {
        for (const [field, value] of Object.entries({ containerName, resourceName, requestName })) {
          errors.push(duplicate(list.index(i).child(field), value));
        }
      }
      seen.add(key);
    });
    if (resourceClaimName === '') errors.push(requiredError(path.child('resourceClaimName')));
    else checkSubdomain(resourceClaimName, path.child('resourceClaimName'), context);
  };
}

function checkMapping(
  { containerName = '', resourceName = '', requestName = '' }: Loose,
  at: Path,
  path: Path,
  containers: ReadonlyMap<string, Loose>,
  { errors }: RuleContext,
): void {
  const container = containers.get(containerName);
  if (!container) {
    const detail = 'must match the name of an entry in spec.initContainers.name or spec.containers.name';
    errors.push(invalid(at.child('containerName'), containerName, detail));
  } else if (container.resources?.requests?.[resourceName] === undefined) {
    const detail =
      'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';
    errors.push(invalid(at.child('resourceName'), resourceName, detail));
  }
  for (const message of isDns1123Label(requestName))
    errors.push(invalid(path.child('requestName'), requestName, message));
}

/** The addresses of the pod and of its host: at most one a family. */
function checkPodIps(status: Loose, before: Loose, path: Path, context: RuleContext): void {
  checkIps(status.podIPs ?? [], before.podIPs ?? [], 'PodIP', path.child('podIPs'), context);
  const hostIps: Loose[] = status.hostIPs ?? [];
  if (hostIps.length > 0 && (status.hostIP ?? '') !== hostIps[0].ip) {
    const at = path.child('hostIPs').index(0).child('ip');
    context.errors.push(invalid(at, hostIps[0].ip, 'must be equal to `hostIP`'));
  }
  checkIps(hostIps, before.hostIPs ?? [], 'HostIP', path.child('hostIPs'), context);
}

function checkIps(entries: Loose[], before: Loose[], type: string, path: Path, { errors }: RuleContext): void {
  const known = new Set(before.map((entry) => entry.ip ?? ''));
  entries.forEach(({ ip = '' }, i) => {
    if (known.has(ip)) return;
    for (const message of isValidLegacyIp(ip)) errors.push(invalid(path.index(i), ip, message));
  });
  const tooMany = invalidGo(path, `[]${type}`, entries, 'may specify no more than one IP for each IP family');
  const ips = entries.map(({ ip = '' }) => ip as string);
  errors.push(...dualStackErrors(ips, path, ipReader, tooMany));
}

const ipReader = {
  familyOf: (text: string) => parseIp(text)?.family,
  problem: (text: string, i: number) => `failed to check for dual stack with error:invalid IP[${i}]: ${text}`,
};

function checkUser(os: string): Check {
  const checkLinux = fields({ uid: checkUserId, gid: checkGroupId, supplementalGroups: each(checkGroupId) });
  return ({ user }, path, context) => {
    const at = path.child('user', 'linux');
    if (os === 'linux') checkLinux(user?.linux, at, context);
    else if (os === 'windows' && user?.linux) context.errors.push(forbidden(at, 'cannot be set for a windows pod'));
  };
}

const checkNothingAllocated: Check = ({ allocatedResourcesStatus }, path, { errors }) => {
  if ((allocatedResourcesStatus ?? []).length === 0) return;
  errors.push(forbidden(path.child('allocatedResourcesStatus'), 'must not be specified in container status'));
};

/** The health of devices: each belongs to a request or a claim of the container. */
function checkAllocated(containers: Loose[] = []): Check {
  return each(({ name, allocatedResourcesStatus }, path, context) => {
    const container = containers.find((c) => c.name === name);
    const at = path.child('allocatedResourcesStatus');
    (allocatedResourcesStatus ?? []).forEach((resource: Loose, i: number) => {
      if (container) checkAllocatedName(resource.name ?? '', container, at.index(i).child('name'), context);
      checkHealths(resource.resources, at.index(i).child('resources'), context);
    });
  });
}

function checkAllocatedName(name: string, { resources = {} }: Loose, path: Path, { errors }: RuleContext): void {
  const isClaim = name.startsWith('claim:');
  const claims = (resources.claims ?? []).map((c: Loose) => `claim:${c.name}${c.request ? `/${c.request}` : ''}`);
  if (isClaim ? claims.includes(name) : resources.requests?.[name] !== undefined) return;
  const detail = isClaim
    ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
    : "must match one of the container's resource requests";
  errors.push(invalid(path, name, detail));
}

const HEALTHS = ['Healthy', 'Unhealthy', 'Unknown'];

const checkHealths: Check = (entries, path, { errors }) => {
  const seen = new Set<string>();
  (entries ?? []).forEach(({ resourceID = '', health = '', message }: Loose, i: number) => {
    const at = path.index(i);
    if (!HEALTHS.includes(health)) errors.push(notSupported(at.child('health'), health, HEALTHS));
    if (message === '') errors.push(requiredError(at.child('message'), 'must be non-empty if specified'));
    else if (byteLength(message ?? '') > 1024) errors.push(tooLong(at.child('message'), 1024));
    if (seen.has(resourceID)) errors.push(duplicate(at.child('resourceID'), resourceID));
    seen.add(resourceID);
  });
};
