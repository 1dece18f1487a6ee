import type { Loose } from '../rule.ts';
import { dropInitContainerAnnotations } from './pod-disabled-fields.ts';
import { containerTotal, isPodLevelResource } from './pod-resources.ts';
import { defaultPullPolicy } from './pull-policy.ts';
import { isHugePageResource, isOvercommitAllowed, roundAmounts, roundRequirements } from './resources.ts';
import { allContainers } from './security-profiles.ts';
import { defaultVolume } from './volume-defaults.ts';

/** Sets the defaults that pods and pod templates have in common, in place. */
export function defaultPodSpec(spec: Loose): void {
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  mirrorServiceAccount(spec);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of allContainers(spec)) defaultContainer(container);
  roundAmounts(spec.overhead);
  roundRequirements(spec.resources);
}

/** The old name of the field always says what the new one says. */
function mirrorServiceAccount(spec: Loose): void {
  spec.serviceAccountName ||= spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else {
    delete spec.serviceAccountName;
    delete spec.serviceAccount;
  }
}

function defaultContainer(container: Loose): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image ?? '');
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1';
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false;
  }
  roundRequirements(container.resources);
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe']) defaultProbe(container[kind]);
  defaultHttpGet(container.lifecycle?.postStart?.httpGet);
  defaultHttpGet(container.lifecycle?.preStop?.httpGet);
}

function defaultProbe(probe: Loose): void {
  if (!probe) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHttpGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultHttpGet(action: Loose): void {
  if (!action) return;
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

/** Sets the defaults of a pod in place: those of templates, and what only a pod itself gets. */
export function defaultPod(pod: Loose): void {
  const spec = (pod.spec ??= {});
  dropInitContainerAnnotations(pod.metadata);
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) requestLimits(container);
  defaultPodResources(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    for (const { ports = [] } of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
      for (const port of ports) port.hostPort ||= port.containerPort;
    }
  }
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1;
  defaultPodSpec(spec);
  if (pod.status) defaultPodStatus(pod.status);
}

/** A container requests what it is limited to, where it does not say what it requests. */
function requestLimits({ resources }: Loose): void {
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
}

/** A pod with resources of its own gets limits for its containers' huge pages, and requests for what it limits. */
function defaultPodResources(spec: Loose): void {
  const { resources } = spec;
  if (!resources) return;
  const limits = { ...resources.limits };
  const requests = { ...resources.requests };
  if (isSet(limits) || isSet(requests)) {
    for (const [name, total] of containerTotal(spec, 'limits')) {
      if (isHugePageResource(name) && requests[name] === undefined) limits[name] ??= total.toString();
    }
  }
  if (isSet(limits)) {
    resources.limits = limits;
    for (const [name, total] of containerTotal(spec, 'requests')) {
      if (isPodLevelResource(name) && isOvercommitAllowed(name)) requests[name] ??= total.toString();
    }
    for (const name of Object.keys(limits)) if (isPodLevelResource(name)) requests[name] ??= limits[name];
    if (isSet(requests)) resources.requests = requests;
  }
}

function isSet(amounts: Loose): boolean {
  return Object.keys(amounts).length > 0;
}

/** The one address of older clients is the first of the list. */
function defaultPodStatus(status: Loose): void {
  const first = status.podIPs?.[0]?.ip;
  if (status.podIP && status.podIP !== first) status.podIPs = [{ ip: status.podIP }];
  else if (first !== undefined) status.podIP = first;
  const lists = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'];
  for (const holder of [status, ...lists.flatMap((list) => status[list] ?? [])]) {
    roundAmounts(holder.allocatedResources);
    roundRequirements(holder.resources);
  }
}
