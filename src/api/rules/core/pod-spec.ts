import {
  duplicate,
  forbidden,
  invalid,
  isDns1123Label,
  isQualifiedName,
  nameIsDnsSubdomain,
  notFound,
  type Path,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import { checkLabels } from '../label-selector.ts';
import {
  between,
  type Check,
  type Checks,
  defined,
  each,
  fields,
  isEmpty,
  type Loose,
  matches,
  present,
  type RuleContext,
  required,
  requiredOneOf,
  run,
} from '../rule.ts';
import { checkAffinity } from './affinity.ts';
import { checkContainers, checkEphemeralContainers, checkInitContainers, type PodFacts } from './containers.ts';
import { MIRROR_POD } from './pod-annotations.ts';
import { checkDnsConfig, checkHostAliases, checkHostNetworkPorts, checkHostnameOverride } from './pod-network.ts';
import type { PodCheckOptions } from './pod-options.ts';
import { checkPodResources } from './pod-resources.ts';
import { checkContainerResourceName, checkResourceRequirements } from './resources.ts';
import { checkHostUsers, checkPodSecurityContext } from './security-context.ts';
import { containersWithPath } from './security-profiles.ts';
import { checkTolerations } from './tolerations.ts';
import { checkTopologySpread } from './topology-spread.ts';
import { checkVolumes } from './volumes.ts';
import { checkHostProcess, checkOs } from './windows.ts';

const checkSubdomain = matches((name) => nameIsDnsSubdomain(name, false));
const checkLabel = matches(isDns1123Label);

/**
 * Checks a whole pod spec, in the order of kube-apiserver.
 *
 * `meta` is the metadata of the pod; a template's spec is checked without it, since its pods are named later.
 */
export function checkPodSpec(options: PodCheckOptions, meta?: Loose): Check {
  return (spec, path, context) => {
    if (isEmpty(spec.terminationGracePeriodSeconds) && spec.terminationGracePeriodSeconds !== 0) {
      required()(undefined, path.child('terminationGracePeriodSeconds'), context);
    }
    const volumes = checkVolumes(spec, meta, path.child('volumes'), options, context);
    const claimNames = new Set<string>((spec.resourceClaims ?? []).map((c: Loose) => c.name).filter(Boolean));
    const pod: PodFacts = { spec, options, volumes, claimNames, hostUsers: spec.hostUsers ?? true };
    fields({
      resourceClaims: checkPodClaims(meta),
      containers: checkContainers(pod),
      initContainers: checkInitContainers(pod),
      ephemeralContainers: checkEphemeralContainers(pod),
    })(spec, path, context);
    run([checkPodResources(claimNames, options), checkHostNetworkPorts(options)], spec, path, context);
    fields(policyRules(spec, options))(spec, path, context);
    run([checkHostProcess, checkHostUsers(options), checkHostnameOverride], spec, path, context);
    fields(namingRules(options))(spec, path, context);
    run([checkOs, checkFileKeyVolumes], spec, path, context);
  };
}

/** What comes after the containers. */
function policyRules(spec: Loose, options: PodCheckOptions): Record<string, Checks> {
  return {
    restartPolicy: requiredOneOf('Always', 'OnFailure', 'Never'),
    dnsPolicy: requiredOneOf('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'),
    nodeSelector: checkLabels,
    securityContext: checkPodSecurityContext(spec, options),
    affinity: checkAffinity(options),
    dnsConfig: checkDnsConfig(spec.dnsPolicy),
    readinessGates: each(fields({ conditionType: (type, path, context) => checkQualified(type ?? '', path, context) })),
    schedulingGates: checkSchedulingGates,
    topologySpreadConstraints: checkTopologySpread(options),
  };
}

const checkQualified = matches(isQualifiedName);

/** Names of other objects, and what is left. */
function namingRules(options: PodCheckOptions): Record<string, Checks> {
  return {
    serviceAccountName: present(checkSubdomain),
    nodeName: present(checkSubdomain),
    activeDeadlineSeconds: between(1, 2 ** 31 - 1),
    hostname: present(checkLabel),
    subdomain: present(checkLabel),
    tolerations: checkTolerations(options),
    hostAliases: checkHostAliases,
    priorityClassName: present(checkSubdomain),
    runtimeClassName: checkSubdomain,
    preemptionPolicy: defined(requiredOneOf('PreemptLowerPriority', 'Never')),
    overhead: checkOverhead(options),
  };
}

/** What running the pod costs beside its containers. */
function checkOverhead(options: PodCheckOptions): Check {
  const check = checkResourceRequirements(checkContainerResourceName, new Set(), options);
  return (limits, path, context) => limits && check({ limits }, path, context);
}

const checkSchedulingGates: Check = (gates, path, context) => {
  const seen = new Set<string>();
  (gates ?? []).forEach(({ name = '' }: Loose, i: number) => {
    checkQualified(name, path.index(i), context);
    if (seen.has(name)) context.errors.push(duplicate(path.index(i), name));
    seen.add(name);
  });
};

/** The claims of devices that the containers of a pod can use. */
function checkPodClaims(meta: Loose): Check {
  return (claims, path, context) => {
    const seen = new Set<string>();
    (claims ?? []).forEach((claim: Loose, i: number) => {
      if (meta?.annotations?.[MIRROR_POD] !== undefined) {
        context.errors.push(forbidden('[]', 'static pods do not support resource claims'));
      } else checkPodClaim(claim, path.index(i), seen, context);
    });
  };
}

function checkPodClaim(claim: Loose, path: Path, seen: Set<string>, context: RuleContext): void {
  const { name = '', resourceClaimName: own, resourceClaimTemplateName: template } = claim;
  const { errors } = context;
  const at = path.child('name');
  if (seen.has(name) && name !== '') errors.push(duplicate(at, name));
  else {
    required()(name, at, context);
    present(checkLabel)(name, at, context);
    seen.add(name);
  }
  const problem = (detail: string) => errors.push(invalidGo(path, 'PodResourceClaim', claim, detail));
  if (own !== undefined && template !== undefined) {
    problem('at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified');
  }
  if (own === undefined && template === undefined) {
    problem('must specify one of: `resourceClaimName`, `resourceClaimTemplateName`');
  }
  checkSubdomain(own, path.child('resourceClaimName'), context);
  checkSubdomain(template, path.child('resourceClaimTemplateName'), context);
}

/** Files that hold variables are in emptyDirs of the pod. */
const checkFileKeyVolumes: Check = (spec, path, { errors }) => {
  const volumes = new Map<string, Loose>((spec.volumes ?? []).map((v: Loose) => [v.name ?? '', v]));
  for (const { container, at } of containersWithPath(spec, path)) {
    (container.env ?? []).forEach(({ valueFrom }: Loose, i: number) => {
      if (!valueFrom?.fileKeyRef) return;
      const { volumeName = '' } = valueFrom.fileKeyRef;
      const field = at.child('env').index(i).child('valueFrom', 'fileKeyRef', 'volumeName');
      const volume = volumes.get(volumeName);
      if (!volume) errors.push(notFound(field, volumeName));
      else if (!volume.emptyDir) errors.push(invalid(field, volumeName, 'referenced volume must be of type emptyDir'));
    });
  }
};
