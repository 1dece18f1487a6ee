import type { JsonObject } from 'nekube/apimachinery';
import type { IngressContext } from './ingress.ts';
import { nameOf, policyObject, targetOf } from './result.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Adds policies for the annotations of an Ingress, about all its routes. */
export function addIngressPolicies(context: IngressContext, routes: readonly string[]): void {
  const targetRefs = routes.map((route) => targetOf('HTTPRoute', route));
  if (targetRefs.length === 0) return;
  const add = (kind: string, spec: JsonObject): void => {
    if (Object.keys(spec).length === 0) return;
    for (let i = 0; i * 16 < targetRefs.length; i++) {
      const name = i === 0 ? nameOf(context.name) : nameOf(context.name, String(i));
      context.collector.add(
        policyObject(kind, context.namespace, name, { targetRefs: targetRefs.slice(i * 16, i * 16 + 16), ...spec }),
      );
    }
  };
  add('BackendPolicy', { ...timeouts(context), ...bodySize(context), ...rateLimit(context), ...balancing(context) });
  add('SecurityPolicy', { ...cors(context), ...addresses(context), ...basicAuth(context) });
}

function timeouts({ annotations, collector, source }: IngressContext): JsonObject {
  const connect = annotations.connectTimeout.number();
  const read = annotations.readTimeout.number();
  const send = annotations.sendTimeout.number();
  if (read !== undefined || send !== undefined) {
    const path = 'metadata.annotations[nginx.ingress.kubernetes.io/proxy-read-timeout]';
    collector.find(
      source,
      path,
      'changed',
      'times between two reads or writes become one for the whole request, the longer of both',
    );
  }
  const request = Math.max(read ?? 0, send ?? 0);
  const given = {
    ...(connect !== undefined && { connect: `${connect}s` }),
    ...(request > 0 && { request: `${request}s` }),
  };
  return Object.keys(given).length === 0 ? {} : { timeouts: given };
}

function bodySize({ annotations, collector, source }: IngressContext): JsonObject {
  const text = annotations.bodySize.text();
  if (text === undefined) return {};
  const [, amount = '', unit = ''] = /^(\d+)([kKmMgG]?)$/.exec(text) ?? [];
  const path = 'metadata.annotations[nginx.ingress.kubernetes.io/proxy-body-size]';
  if (amount === '') {
    collector.find(source, path, 'error', `must be a size as in 8m, not ${JSON.stringify(text)}`);
    return {};
  }
  const size = Number(amount) * UNITS[unit.toLowerCase()]!;
  if (size === 0) return {};
  collector.find(source, path, 'changed', 'a body is kept whole before it goes on');
  return { maxRequestBodyBytes: Math.min(size, 2_147_483_647) };
}

function rateLimit({ annotations, collector, source }: IngressContext): JsonObject {
  const perSecond = annotations.limitRps.number();
  const perMinute = annotations.limitRpm.number();
  const limits = [
    ...(perSecond === undefined ? [] : [{ requests: perSecond, per: 'Second' }]),
    ...(perMinute === undefined ? [] : [{ requests: perMinute, per: 'Minute' }]),
  ];
  if (limits.length === 0) return {};
  const path = 'metadata.annotations[nginx.ingress.kubernetes.io/limit-rps]';
  collector.find(
    source,
    path,
    'changed',
    'ingress-nginx lets five times as many through in a burst; here the limit is what it says',
  );
  const local = limits.flatMap((limit) =>
    ['0.0.0.0/0', '::/0'].map((cidr) => ({ clientCIDR: { cidr, distinct: true }, ...limit })),
  );
  return { rateLimit: { local } };
}

function balancing({ annotations, collector, source }: IngressContext): JsonObject {
  const affinity = annotations.affinity.text();
  if (affinity === 'cookie') {
    const name = annotations.cookieName.text() ?? 'INGRESSCOOKIE';
    const age = annotations.cookieMaxAge.number();
    return { loadBalancing: { type: 'ConsistentHash', consistentHash: { type: 'Cookie', name, ttl: `${age ?? 0}s` } } };
  }
  const hashBy = annotations.hashBy.text();
  if (hashBy !== undefined) {
    const header = /^\$http_(\w+)$/.exec(hashBy)?.[1]?.replace(/_/g, '-');
    const consistentHash: JsonObject | undefined =
      hashBy === '$remote_addr' || hashBy === '$binary_remote_addr'
        ? { type: 'SourceIP' }
        : header !== undefined
          ? { type: 'Header', name: header }
          : undefined;
    if (consistentHash !== undefined) return { loadBalancing: { type: 'ConsistentHash', consistentHash } };
    const path = 'metadata.annotations[nginx.ingress.kubernetes.io/upstream-hash-by]';
    collector.find(source, path, 'dropped', `${hashBy} has no equivalent: only addresses and headers can be a key`);
  }
  const algorithm = annotations.loadBalance.text();
  if (algorithm === undefined) return {};
  return { loadBalancing: { type: algorithm === 'round_robin' ? 'RoundRobin' : 'LeastRequest' } };
}

function cors({ annotations }: IngressContext): JsonObject {
  if (annotations.enableCors.flag() !== true) return {};
  const maxAge = annotations.corsMaxAge.number() ?? 1_728_000;
  const exposeHeaders = annotations.corsExposeHeaders.texts();
  return {
    cors: {
      allowOrigins: [...(annotations.corsAllowOrigin.texts() ?? ['*'])],
      allowCredentials: annotations.corsAllowCredentials.flag() ?? true,
      allowMethods: [...(annotations.corsAllowMethods.texts() ?? ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'])],
      allowHeaders: [...(annotations.corsAllowHeaders.texts() ?? DEFAULT_HEADERS)],
      ...(exposeHeaders && { exposeHeaders: [...exposeHeaders] }),
      maxAge,
    },
  };
}

const DEFAULT_HEADERS = [
  'DNT',
  'Keep-Alive',
  'User-Agent',
  'X-Requested-With',
  'If-Modified-Since',
  'Cache-Control',
  'Content-Type',
  'Range',
  'Authorization',
];

function addresses({ annotations }: IngressContext): JsonObject {
  const allowed = annotations.allowRange.texts() ?? annotations.allowlistRange.texts();
  const denied = annotations.denyRange.texts();
  const rules = [
    ...(denied ? [{ name: 'denied', action: 'Deny', clientCIDRs: denied.map(asCidr) }] : []),
    ...(allowed ? [{ name: 'allowed', action: 'Allow', clientCIDRs: allowed.map(asCidr) }] : []),
  ];
  if (rules.length === 0) return {};
  return { authorization: { defaultAction: allowed ? 'Deny' : 'Allow', rules } };
}

function asCidr(text: string): string {
  if (text.includes('/')) return text;
  return text.includes(':') ? `${text}/128` : `${text}/32`;
}

function basicAuth({ annotations, collector, source }: IngressContext): JsonObject {
  if (annotations.authType.text() !== 'basic') return {};
  if (annotations.authRealm.text() !== undefined) {
    const realm = 'metadata.annotations[nginx.ingress.kubernetes.io/auth-realm]';
    collector.find(source, realm, 'dropped', 'the realm that a client is shown has no equivalent');
  }
  const name = annotations.authSecret.text() ?? '';
  const path = 'metadata.annotations[nginx.ingress.kubernetes.io/auth-secret]';
  collector.find(
    source,
    path,
    'changed',
    `the Secret ${name} must have its lines under .htpasswd instead of auth, hashed with SHA-1 (htpasswd -s)`,
  );
  const [namespace, local] = name.includes('/') ? name.split('/') : [undefined, name];
  return { basicAuth: { secretRef: { name: local!, ...(namespace !== undefined && { namespace }) } } };
}
