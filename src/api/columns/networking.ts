import { formatLabelSelector, type JsonValue, type KubeObject, qualified } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { ageOf, ingressAddresses, nameAnd } from './format.ts';

/** Cells of the networking.k8s.io group's resources. */
export const networkingCells: Readonly<Record<string, CellPrinter>> = {
  ingressclasses: ingressClassCells,
  ingresses: nameAnd(({ spec, status }) => [
    spec?.ingressClassName ?? '<none>',
    formatHosts(spec?.rules ?? []),
    ingressAddresses(status?.loadBalancer),
    (spec?.tls ?? []).length > 0 ? '80, 443' : '80',
  ]),
  // the age has no column, and yet kube-apiserver sends it
  ipaddresses: nameAnd(({ spec }) => [formatParent(spec?.parentRef)]),
  networkpolicies: nameAnd(({ spec }) => [formatLabelSelector(spec?.podSelector ?? {})]),
  servicecidrs: nameAnd(({ spec }) => [(spec?.cidrs ?? []).join(',')]),
};

/** The hosts among the rules up to the third host; what is left out is counted in rules. */
function formatHosts(rules: readonly Loose[]): string {
  const hosts: string[] = [];
  let more = false;
  for (const { host } of rules) {
    if (hosts.length === 3) more = true;
    if (!more && host) hosts.push(host);
  }
  if (hosts.length === 0) return '*';
  return more ? `${hosts.join(',')} + ${rules.length - 3} more...` : hosts.join(',');
}

function ingressClassCells(object: KubeObject, now: Date): JsonValue[] {
  const { metadata, spec } = object;
  const isDefault = metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
  const name = metadata.name ?? '';
  return [
    isDefault ? `${name} (default)` : name,
    spec?.controller ?? '',
    formatParameters(spec?.parameters),
    ageOf(object, now),
  ];
}

function formatParameters(parameters: Loose): string {
  if (!parameters) return '<none>';
  const { apiGroup, kind = '', name = '' } = parameters;
  return `${typeof apiGroup === 'string' ? `${kind}.${apiGroup}` : kind}/${name}`;
}

function formatParent(parent: Loose): string {
  if (!parent) return '<none>';
  const { group = '', resource = '', namespace, name = '' } = parent;
  return [qualified({ group, resource }).toLowerCase(), ...(namespace ? [namespace] : []), name].join('/');
}
