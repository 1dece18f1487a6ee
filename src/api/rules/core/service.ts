import { cidrWarnings, ipWarnings, type KubeObject, nameIsDnsLabel, Path } from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import { type Checks, type Loose, validateWith } from '../rule.ts';
import { ignoresStatus, prepare, writesStatus } from '../strategy.ts';
import { serviceChecks } from './service/checks.ts';
import { defaultService } from './service/defaults.ts';
import { dropFieldsOfOtherType, dropInternalTrafficPolicy } from './service/prepare.ts';
import { checkLoadBalancerStatus } from './service/traffic-checks.ts';
import { checkServiceUpdate } from './service/update-checks.ts';

const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
const updateChecks: Checks = [checkServiceUpdate, ...[serviceChecks].flat()];
const specPath = Path.of('spec');

/** Services. Their addresses and node ports are allocated before these rules run (see service-allocation.ts). */
export const serviceRules: ResourceRules = {
  ...prepare(ignoresStatus, {
    prepareForCreate: dropInternalTrafficPolicy,
    prepareForUpdate: (service, old) => {
      dropFieldsOfOtherType(service, old);
      dropInternalTrafficPolicy(service);
    },
  }),
  defaults: { '*': defaultService },
  nameCheck: nameIsDnsLabel,
  validate: (service) => validateWith(serviceChecks, service),
  validateUpdate: (service, old) => validateWith(updateChecks, service, old),
  warnings: serviceWarnings,
  allowCreateOnUpdate: true,
  returnsDeletedObject: true,
  selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
  subresources: {
    status: {
      ...writesStatus,
      validateUpdate: (service, old) => validateWith(checkLoadBalancerStatus, service, old),
      warnings: ({ status }) => loadBalancerIpWarnings(status),
    },
  },
};

/** Warnings about addresses in a load balancer's status; they name the entry, not its address. */
export function loadBalancerIpWarnings(status: Loose): string[] {
  const ingress: Loose[] = status?.loadBalancer?.ingress ?? [];
  const path = Path.of('status', 'loadBalancer', 'ingress');
  return ingress.flatMap(({ ip }, i) => (ip ? ipWarnings(`${path.index(i)}`, ip) : []));
}

function serviceWarnings(service: KubeObject): string[] {
  const { spec, metadata } = service;
  const headless = spec.type === 'ClusterIP' && spec.clusterIP === 'None';
  return [
    ...(metadata.annotations?.[hintsAnnotation] === undefined
      ? []
      : [`annotation ${hintsAnnotation} is deprecated, please use service.kubernetes.io/topology-mode instead`]),
    ...(spec.clusterIP && spec.clusterIP !== 'None' ? eachIp(spec, 'clusterIPs') : []),
    ...(headless ? headlessWarnings(spec) : []),
    ...eachIp(spec, 'externalIPs'),
    ...(spec.externalIPs?.length > 0 && !headless && spec.type !== 'ExternalName'
      ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters']
      : []),
    ...(spec.loadBalancerIP ? ipWarnings('spec.loadBalancerIP', spec.loadBalancerIP) : []),
    ...(spec.loadBalancerSourceRanges ?? []).flatMap((range: string, i: number) =>
      cidrWarnings(`${specPath.child('loadBalancerSourceRanges').index(i)}`, range),
    ),
    ...ignoredFieldWarnings(spec),
  ];
}

function eachIp(spec: Loose, field: string): string[] {
  return (spec[field] ?? []).flatMap((ip: string, i: number) => ipWarnings(`${specPath.child(field).index(i)}`, ip));
}

function headlessWarnings(spec: Loose): string[] {
  return [
    ...(spec.loadBalancerIP ? ['spec.loadBalancerIP is ignored for headless services'] : []),
    ...(spec.externalIPs?.length > 0 ? ['spec.externalIPs is ignored for headless services'] : []),
    ...(spec.sessionAffinity !== 'None' ? ['spec.SessionAffinity is ignored for headless services'] : []),
  ];
}

function ignoredFieldWarnings(spec: Loose): string[] {
  const external = spec.type === 'ExternalName';
  return [
    ...(external && spec.externalIPs?.length > 0
      ? ['spec.externalIPs is ignored when spec.type is "ExternalName"']
      : []),
    ...(!external && spec.externalName ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : []),
    ...(spec.trafficDistribution === 'PreferClose'
      ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']
      : []),
  ];
}
