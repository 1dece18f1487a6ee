import type { KubeObject } from 'nekube/apimachinery';
import type { Loose } from '../../rule.ts';
import { isExternallyAccessible } from './facts.ts';

const affinitySeconds = 10_800;
const withInternalTraffic = ['ClusterIP', 'NodePort', 'LoadBalancer'];

/** Sets the defaults of a service in place. Addresses and node ports are allocated later. */
export function defaultService(service: KubeObject): void {
  service.spec ??= {};
  const { spec, status } = service;
  defaultAffinity(spec);
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) defaultPort(port);
  if (isExternallyAccessible(service)) spec.externalTrafficPolicy ||= 'Cluster';
  if (withInternalTraffic.includes(spec.type)) spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type !== 'LoadBalancer') return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
}

function defaultAffinity(spec: Loose): void {
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity !== 'ClientIP') return;
  if ((spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? null) !== null) return;
  spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinitySeconds } };
}

function defaultPort(port: Loose): void {
  port.protocol ||= 'TCP';
  port.targetPort ||= port.port;
}
