import { closedExpression, expressionProblem } from '../model/expressions.ts';
import type {
  BackendSettings,
  Fault,
  Forward,
  HeaderChange,
  HealthCheck,
  LoadBalancing,
  Mirror,
  RateLimit,
  Retry,
  RouteSettings,
} from '../model/index.ts';
import { aboveZero, checkedHeaders, checkedKeepalive, isPrime } from './checks.ts';
import { type Findings, invalid, type PolicyOrigin, type PolicyReferences } from './references.ts';
import type { BackendPolicySpec, HealthCheckSpec, LoadBalancingSpec, RateLimitRuleSpec } from './spec.ts';
import { given, ms } from './values.ts';

/** What a BackendPolicy comes to. */
export interface BackendPart {
  /** Of the backends themselves. */
  readonly settings: BackendSettings;
  /** Of routes. */
  readonly route: RoutePart;
}

/** What policies of backends ask of a route; what the route says itself comes before. */
export interface RoutePart {
  readonly settings?: Pick<
    RouteSettings,
    'localRateLimits' | 'globalRateLimits' | 'fault' | 'compression' | 'maxRequestBodyBytes'
  >;
  readonly timeouts?: Pick<Forward, 'requestTimeoutMs' | 'backendTimeoutMs'>;
  readonly retry?: Retry;
  readonly requestHeaders?: HeaderChange;
  readonly responseHeaders?: HeaderChange;
  readonly mirrors?: readonly Mirror[];
}

const DEFAULT_ATTEMPTS = 2;

/** What a policy asks of backends and of routes to them. What is wrong goes to `findings`, and is left out. */
export function compileBackend(
  spec: BackendPolicySpec,
  from: PolicyOrigin,
  references: PolicyReferences,
  findings: Findings,
): BackendPart {
  const route: RoutePart = {
    settings: given({
      localRateLimits: spec.rateLimit?.local?.flatMap((rule, i) => rateLimit(rule, `local[${i}]`, findings)),
      globalRateLimits: globalRateLimits(spec, from, references, findings),
      fault: fault(spec.fault, findings),
      compression: spec.compression,
      maxRequestBodyBytes: spec.maxRequestBodyBytes,
    }),
    timeouts: given({
      requestTimeoutMs: ms(spec.timeouts?.request),
      backendTimeoutMs: ms(spec.timeouts?.backendRequest),
    }),
    retry: retry(spec.retry),
    requestHeaders: checkedHeaders(spec.requestHeaders, 'spec.requestHeaders', findings),
    responseHeaders: checkedHeaders(spec.responseHeaders, 'spec.responseHeaders', findings),
    mirrors: spec.mirrors?.flatMap((mirror) => {
      const backend = findings.take(references.backend(mirror.backendRef, from));
      if (backend === undefined) return [];
      const fraction =
        mirror.percent === undefined ? {} : { fraction: { numerator: mirror.percent, denominator: 100 } };
      return [{ backend, source: { ...from }, ...fraction }];
    }),
  };
  return { settings: backendSettings(spec, from, findings), route: given(route) ?? {} };
}

function backendSettings(spec: BackendPolicySpec, from: PolicyOrigin, findings: Findings): BackendSettings {
  const settings: BackendSettings = {
    loadBalancing: loadBalancing(spec.loadBalancing, findings),
    slowStartMs: ms(spec.loadBalancing?.slowStart),
    connectTimeoutMs: aboveZero(spec.timeouts?.connect, 'spec.timeouts.connect', findings),
    idleTimeoutMs: ms(spec.timeouts?.idle),
    maxConnectionDurationMs: aboveZero(
      spec.timeouts?.maxConnectionDuration,
      'spec.timeouts.maxConnectionDuration',
      findings,
    ),
    maxRequestsPerConnection: spec.maxRequestsPerConnection,
    circuitBreaker: spec.circuitBreaker,
    healthCheck: healthCheck(spec.healthCheck, from, findings),
    outlierDetection: outlierDetection(spec.outlierDetection, findings),
    http2: spec.http2,
    tcpKeepalive: checkedKeepalive(spec.tcpKeepalive, findings),
    bufferBytes: spec.bufferBytes,
    proxyProtocol: spec.proxyProtocol,
  };
  return given(settings) ?? {};
}

function loadBalancing(spec: LoadBalancingSpec | undefined, findings: Findings): LoadBalancing | undefined {
  if (spec === undefined) return undefined;
  if (spec.type !== 'ConsistentHash') return { type: spec.type };
  const { type, name = '', ttl, tableSize } = spec.consistentHash!;
  if (tableSize !== undefined && !isPrime(tableSize)) {
    findings.take(invalid(`spec.loadBalancing.consistentHash.tableSize: must be a prime, not ${tableSize}`));
    return undefined;
  }
  const ttlMs = ms(ttl);
  const by =
    type === 'SourceIP'
      ? { type }
      : type === 'Cookie'
        ? { type, name, ...(ttlMs !== undefined && { ttlMs }) }
        : { type, name: type === 'Header' ? name.toLowerCase() : name };
  return { type: 'ConsistentHash', by, ...(tableSize !== undefined && { tableSize }) };
}

function healthCheck(
  spec: HealthCheckSpec | undefined,
  from: PolicyOrigin,
  findings: Findings,
): HealthCheck | undefined {
  if (spec === undefined) return undefined;
  const check: HealthCheck['check'] =
    spec.http !== undefined
      ? { type: 'HTTP', ...spec.http }
      : spec.grpc !== undefined
        ? { type: 'GRPC', ...spec.grpc }
        : { type: 'TCP', ...spec.tcp };
  return {
    intervalMs: aboveZero(spec.interval, 'spec.healthCheck.interval', findings) ?? 3000,
    timeoutMs: aboveZero(spec.timeout, 'spec.healthCheck.timeout', findings) ?? 1000,
    unhealthyThreshold: spec.unhealthyThreshold ?? 3,
    healthyThreshold: spec.healthyThreshold ?? 1,
    check,
    source: { ...from },
  };
}

function outlierDetection(
  spec: BackendPolicySpec['outlierDetection'],
  findings: Findings,
): BackendSettings['outlierDetection'] {
  if (spec === undefined) return undefined;
  const { interval, baseEjectionTime, ...numbers } = spec;
  const intervalMs = aboveZero(interval, 'spec.outlierDetection.interval', findings);
  const baseEjectionMs = aboveZero(baseEjectionTime, 'spec.outlierDetection.baseEjectionTime', findings);
  return given({ intervalMs, baseEjectionMs, ...numbers }) ?? {};
}

function retry(spec: BackendPolicySpec['retry']): Retry | undefined {
  if (spec === undefined) return undefined;
  const backoffMs = ms(spec.backoff);
  return {
    attempts: spec.attempts ?? DEFAULT_ATTEMPTS,
    ...(backoffMs !== undefined && { backoffMs }),
    codes: spec.codes ?? [],
    connectionErrors: spec.triggers?.includes('ConnectionError') ?? spec.codes === undefined,
    backendTimeouts: spec.triggers?.includes('BackendTimeout') ?? false,
  };
}

function fault(spec: BackendPolicySpec['fault'], findings: Findings): Fault | undefined {
  if (spec === undefined) return undefined;
  const { delay, abort } = spec;
  const delayMs = aboveZero(delay?.duration, 'spec.fault.delay.duration', findings);
  return given<Fault>({
    delay: delay && delayMs !== undefined ? { ms: delayMs, percent: delay.percent ?? 100 } : undefined,
    abort: abort && { ...abort, percent: abort.percent ?? 100 },
  });
}

function globalRateLimits(
  spec: BackendPolicySpec,
  from: PolicyOrigin,
  references: PolicyReferences,
  findings: Findings,
): RouteSettings['globalRateLimits'] {
  const global = spec.rateLimit?.global;
  if (global === undefined) return undefined;
  const backend = findings.take(references.backend(global.backendRef, from, 'GRPC'));
  const limits = global.rules.flatMap((rule, i) => rateLimit(rule, `global.rules[${i}]`, findings));
  if (backend === undefined) return undefined;
  return { backend, domain: global.domain, limits, ...(global.failClosed && { failClosed: true }) };
}

/** A list of the one limit, or of none if something is wrong with it. */
function rateLimit(spec: RateLimitRuleSpec, path: string, findings: Findings): readonly RateLimit[] {
  const before = findings.problems.length;
  const headers = spec.headers?.map(({ name, type = 'Exact', value = '' }, i) => {
    const lower = name.toLowerCase();
    if (type === 'Distinct') return { type, name: lower };
    if (type === 'RegularExpression') findings.take(checkRegexp(value, `spec.rateLimit.${path}.headers[${i}].value`));
    return { type, name: lower, value: type === 'Exact' ? value : closedExpression(value) };
  });
  if (spec.requests < 1) {
    const instead = 'to refuse all of them, use authorization of a SecurityPolicy';
    findings.take(invalid(`spec.rateLimit.${path}.requests: must be at least 1; ${instead}`));
  }
  if (findings.problems.length > before) return [];
  const clientCidr = spec.clientCIDR && { cidr: spec.clientCIDR.cidr, distinct: spec.clientCIDR.distinct ?? false };
  return [{ ...given({ headers, clientCidr }), requests: spec.requests, per: spec.per }];
}

function checkRegexp(value: string, path: string): string | ReturnType<typeof invalid> {
  const problem = expressionProblem(value);
  return problem === undefined ? value : invalid(`${path}: must be an expression of RE2: ${problem}`);
}
