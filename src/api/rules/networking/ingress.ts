import {
  invalid,
  isDns1123Subdomain,
  isValidPortName,
  isValidPortNum,
  isWildcardDns1123Subdomain,
  type KubeObject,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  notSupported,
  Path,
  parseIp,
  required as requiredError,
} from 'nekube/apimachinery';
import { loadBalancerIpWarnings } from '../core/service.ts';
import { checkIngressHostname, checkIngressIp } from '../core/service/traffic-checks.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, each, fields, type Loose, matches, type RuleContext, requiredAnd, validateWith } from '../rule.ts';
import { countsGeneration, ignoresStatus, prepare, writesStatus } from '../strategy.ts';
import { checkTypedReference } from './reference.ts';

const classAnnotation = 'kubernetes.io/ingress.class';
const forbiddenInPaths = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenAtEnds = ['/..', '/.'];

/** What an update may keep although it is invalid, since it is stored. */
interface Kept {
  readonly secretNames: boolean;
  readonly wildcardRules: boolean;
}

/** Ingresses. */
export const ingressRules: ResourceRules = {
  ...prepare(ignoresStatus, countsGeneration('spec')),
  nameCheck: nameIsDnsSubdomain,
  validate: (ingress) =>
    validateWith([checkIngress({ secretNames: false, wildcardRules: false }), checkClasses], ingress),
  validateUpdate: (ingress, old) => validateWith(checkIngress(keptOf(old)), ingress, old),
  warnings: (ingress, old) => (old ? [] : classWarnings(ingress)),
  subresources: {
    status: {
      ...writesStatus,
      validateUpdate: (ingress, old) => validateWith(checkStatus, ingress, old),
      warnings: ({ status }) => loadBalancerIpWarnings(status),
    },
  },
};

function checkIngress(kept: Kept): Check {
  return fields({
    spec: [
      checkNotEmpty,
      fields({
        defaultBackend: (backend, path, context) => backend && checkBackend(backend, path, context),
        rules: each(checkRule(kept)),
        tls: each(checkTls(kept)),
        ingressClassName: matches((name) => nameIsDnsSubdomain(name, false)),
      }),
    ],
  });
}

function checkNotEmpty(spec: Loose, path: Path, { errors }: RuleContext): void {
  if (spec.rules?.length > 0 || spec.defaultBackend) return;
  errors.push(invalid(path, spec.rules, 'either `defaultBackend` or `rules` must be specified'));
}

function checkRule({ wildcardRules }: Kept): Check {
  return (rule, path, context) => {
    const host: string = rule.host ?? '';
    const wildcard = host.includes('*');
    if (host !== '') checkHost(host, path.child('host'), context);
    if (wildcard && wildcardRules) return;
    fields({ http: fields({ paths: requiredAnd('', each(checkPath)) }) })(rule, path, context);
  };
}

function checkHost(host: string, path: Path, { errors }: RuleContext): void {
  if (parseIp(host)) errors.push(invalid(path, host, 'must be a DNS name, not an IP address'));
  const messages = host.includes('*') ? isWildcardDns1123Subdomain(host) : isDns1123Subdomain(host);
  for (const message of messages) errors.push(invalid(path, host, message));
}

function checkPath(entry: Loose, path: Path, context: RuleContext): void {
  const { errors } = context;
  const type = entry.pathType ?? undefined;
  const text: string = entry.path ?? '';
  const at = path.child('path');
  const absolute = text.startsWith('/');
  if (type === undefined) {
    errors.push(requiredError(path.child('pathType'), 'pathType must be specified'));
    return;
  }
  if (type === 'Exact' || type === 'Prefix') {
    if (!absolute) errors.push(invalid(at, text, 'must be an absolute path'));
    for (const part of forbiddenInPaths) {
      if (text.includes(part)) errors.push(invalid(at, text, `must not contain '${part}'`));
    }
    for (const end of forbiddenAtEnds) {
      if (text.endsWith(end)) errors.push(invalid(at, text, `cannot end with '${end}'`));
    }
  } else if (type === 'ImplementationSpecific') {
    if (text !== '' && !absolute) errors.push(invalid(at, text, 'must be an absolute path'));
  } else errors.push(notSupported(path.child('pathType'), type, ['Exact', 'ImplementationSpecific', 'Prefix']));
  checkBackend(entry.backend ?? {}, path.child('backend'), context);
}

function checkBackend({ resource, service }: Loose, path: Path, context: RuleContext): void {
  if (resource && service) {
    context.errors.push(invalid(path, '', 'cannot set both resource and service backends'));
  } else if (resource) checkTypedReference(resource, path.child('resource'), context);
  else if (service) checkServiceBackend(service, path, context);
  else context.errors.push(invalid(path, '', 'resource or service backend is required'));
}

function checkServiceBackend(service: Loose, path: Path, context: RuleContext): void {
  const { errors } = context;
  const checkName = requiredAnd(
    '',
    matches((name) => nameIsDnsLabel(name, false)),
  );
  checkName(service.name, path.child('service', 'name'), context);
  const { name, number } = service.port ?? {};
  const at = path.child('service', 'port');
  if (name && number) errors.push(invalid(path, '', 'cannot set both port name & port number'));
  else if (name) matches(isValidPortName)(name, at.child('name'), context);
  else if (number) for (const m of isValidPortNum(number)) errors.push(invalid(at.child('number'), number, m));
  else errors.push(requiredError(path, 'port name or number is required'));
}

function checkTls({ secretNames }: Kept): Check {
  return fields({
    hosts: each((host: string, path, { errors }) => {
      const messages = host.includes('*') ? isWildcardDns1123Subdomain(host) : isDns1123Subdomain(host);
      for (const message of messages) errors.push(invalid(path, host, message));
    }),
    secretName: secretNames ? [] : matches(secretNameMessages),
  });
}

function secretNameMessages(name: string): readonly string[] {
  return name === '' ? [] : nameIsDnsSubdomain(name, false);
}

/** What the stored ingress has already may stay. */
function keptOf({ spec }: KubeObject): Kept {
  const badSecret = ({ secretName = '' }: Loose) => secretNameMessages(secretName).length > 0;
  const noKept = { secretNames: false, wildcardRules: false };
  const badRule = (rule: Loose) => validateWith(checkRule(noKept), { ...rule, host: '' }).length > 0;
  return {
    secretNames: (spec.tls ?? []).some(badSecret),
    wildcardRules: (spec.rules ?? []).some((rule: Loose) => rule.host?.includes('*') && badRule(rule)),
  };
}

/** The path is one of its own in kube-apiserver too. */
function checkClasses({ metadata, spec }: Loose, _path: Path, { errors }: RuleContext): void {
  const annotation = metadata.annotations?.[classAnnotation];
  const name = spec?.ingressClassName;
  if (annotation === undefined || name === undefined || name === null || annotation === name) return;
  const path = Path.of('annotations', classAnnotation);
  errors.push(invalid(path, annotation, 'must match `ingressClassName` when both are specified'));
}

function classWarnings({ metadata, spec }: KubeObject): string[] {
  if (metadata.annotations?.[classAnnotation] === undefined || (spec?.ingressClassName ?? null) !== null) return [];
  return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
}

function checkStatus(ingress: Loose, _path: Path, context: RuleContext): void {
  const stored: string[] = (context.old?.status?.loadBalancer?.ingress ?? []).map((point: Loose) => point.ip);
  ((ingress.status?.loadBalancer?.ingress ?? []) as Loose[]).forEach((point, i) => {
    const path = Path.of('status', 'loadBalancer', 'ingress').index(i);
    checkIngressIp(point, path, stored, context);
    checkIngressHostname(point, path, context);
  });
}
