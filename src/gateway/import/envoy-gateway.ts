import type { JsonObject, JsonValue, KubeObject } from 'nekube/apimachinery';
import { Reading } from './reading.ts';
import { type Collector, policyObject } from './result.ts';

/** How a field of Envoy Gateway is called here; a function converts it, undefined is what has no equivalent, and what it does not read is told. */
type Field = string | readonly [string, (reading: Reading) => JsonValue | undefined];

/** Fields that mean the same: from the path there to the path here. */
type Fields = Readonly<Record<string, Field>>;

const COUNT = whole(quantity);

const CLIENT: Fields = {
  'tcpKeepalive.probes': 'tcpKeepalive.probes',
  'tcpKeepalive.idleTime': 'tcpKeepalive.idle',
  'tcpKeepalive.interval': 'tcpKeepalive.interval',
  enableProxyProtocol: ['proxyProtocol', whole((value) => (value === true ? 'Required' : undefined))],
  'proxyProtocol.optional': ['proxyProtocol', whole((value) => (value === true ? 'Optional' : 'Required'))],
  'clientIPDetection.xForwardedFor.numTrustedHops': 'clientAddress.trustedHops',
  'clientIPDetection.customHeader.name': 'clientAddress.header.name',
  'clientIPDetection.customHeader.failClosed': 'clientAddress.header.required',
  'path.escapedSlashesAction': [
    'path.escapedSlashes',
    whole(
      (value) =>
        ({
          KeepUnchanged: 'Keep',
          RejectRequest: 'Reject',
          UnescapeAndForward: 'UnescapeAndForward',
          UnescapeAndRedirect: 'UnescapeAndRedirect',
        })[String(value)],
    ),
  ],
  'path.disableMergeSlashes': ['path.mergeSlashes', whole((value) => value !== true)],
  'headers.earlyRequestHeaders.set': 'requestHeaders.set',
  'headers.earlyRequestHeaders.add': 'requestHeaders.add',
  'headers.earlyRequestHeaders.remove': 'requestHeaders.remove',
  'timeout.http.requestReceivedTimeout': 'timeouts.request',
  'timeout.http.idleTimeout': 'timeouts.idle',
  'timeout.http.streamIdleTimeout': 'timeouts.streamIdle',
  'connection.connectionLimit.value': 'connection.limit',
  'connection.connectionLimit.closeDelay': 'connection.closeDelay',
  'connection.bufferLimit': ['connection.bufferBytes', COUNT],
  'tls.minVersion': ['tls.minVersion', tlsVersion],
  'tls.maxVersion': ['tls.maxVersion', tlsVersion],
  'tls.ciphers': 'tls.ciphers',
  'tls.alpnProtocols': 'tls.alpnProtocols',
  'http1.preserveHeaderCase': 'http1.preserveHeaderCase',
  'http2.maxConcurrentStreams': 'http2.maxConcurrentStreams',
  'http2.initialStreamWindowSize': ['http2.streamWindowBytes', COUNT],
  'http2.initialConnectionWindowSize': ['http2.connectionWindowBytes', COUNT],
  http3: ['http3.enabled', whole(() => true)],
};

const BACKEND: Fields = {
  'timeout.tcp.connectTimeout': 'timeouts.connect',
  'timeout.http.connectionIdleTimeout': 'timeouts.idle',
  'timeout.http.maxConnectionDuration': 'timeouts.maxConnectionDuration',
  'timeout.http.requestTimeout': 'timeouts.request',
  'retry.numRetries': 'retry.attempts',
  'retry.perRetry.timeout': 'timeouts.backendRequest',
  'retry.perRetry.backOff.baseInterval': 'retry.backoff',
  'retry.retryOn.httpStatusCodes': 'retry.codes',
  'retry.retryOn.triggers': ['retry.triggers', retryTriggers],
  'circuitBreaker.maxConnections': 'circuitBreaker.maxConnections',
  'circuitBreaker.maxPendingRequests': 'circuitBreaker.maxPendingRequests',
  'circuitBreaker.maxParallelRequests': 'circuitBreaker.maxRequests',
  'circuitBreaker.maxParallelRetries': 'circuitBreaker.maxRetries',
  'circuitBreaker.maxRequestsPerConnection': 'maxRequestsPerConnection',
  'healthCheck.active.interval': 'healthCheck.interval',
  'healthCheck.active.timeout': 'healthCheck.timeout',
  'healthCheck.active.unhealthyThreshold': 'healthCheck.unhealthyThreshold',
  'healthCheck.active.healthyThreshold': 'healthCheck.healthyThreshold',
  'healthCheck.active.http.path': 'healthCheck.http.path',
  'healthCheck.active.http.method': 'healthCheck.http.method',
  'healthCheck.active.http.hostname': 'healthCheck.http.hostname',
  'healthCheck.active.http.expectedStatuses': 'healthCheck.http.expectedStatuses',
  'healthCheck.active.grpc.service': 'healthCheck.grpc.service',
  'healthCheck.passive.interval': 'outlierDetection.interval',
  'healthCheck.passive.baseEjectionTime': 'outlierDetection.baseEjectionTime',
  'healthCheck.passive.maxEjectionPercent': 'outlierDetection.maxEjectionPercent',
  'healthCheck.passive.consecutive5XxErrors': 'outlierDetection.consecutive5xx',
  'healthCheck.passive.consecutiveGatewayErrors': 'outlierDetection.consecutiveGatewayErrors',
  'healthCheck.passive.consecutiveLocalOriginFailures': 'outlierDetection.consecutiveLocalOriginFailures',
  'loadBalancer.type': 'loadBalancing.type',
  'loadBalancer.consistentHash.type': [
    'loadBalancing.consistentHash.type',
    whole((value) => (value === 'Headers' ? 'Header' : value)),
  ],
  'loadBalancer.consistentHash.header.name': 'loadBalancing.consistentHash.name',
  'loadBalancer.consistentHash.cookie.name': 'loadBalancing.consistentHash.name',
  'loadBalancer.consistentHash.cookie.ttl': 'loadBalancing.consistentHash.ttl',
  'loadBalancer.consistentHash.tableSize': 'loadBalancing.consistentHash.tableSize',
  'loadBalancer.slowStart.window': 'loadBalancing.slowStart',
  'tcpKeepalive.probes': 'tcpKeepalive.probes',
  'tcpKeepalive.idleTime': 'tcpKeepalive.idle',
  'tcpKeepalive.interval': 'tcpKeepalive.interval',
  'proxyProtocol.version': 'proxyProtocol',
  'connection.bufferLimit': ['bufferBytes', COUNT],
  'faultInjection.delay.fixedDelay': 'fault.delay.duration',
  'faultInjection.delay.percentage': 'fault.delay.percent',
  'faultInjection.abort.httpStatus': 'fault.abort.httpStatus',
  'faultInjection.abort.grpcStatus': 'fault.abort.grpcStatus',
  'faultInjection.abort.percentage': 'fault.abort.percent',
  'requestBuffer.limit': ['maxRequestBodyBytes', COUNT],
  'rateLimit.local.rules': ['rateLimit.local', rateLimits],
  compression: ['compression', compressors],
  compressor: ['compression', compressors],
};

const SECURITY: Fields = {
  'cors.allowOrigins': 'cors.allowOrigins',
  'cors.allowMethods': 'cors.allowMethods',
  'cors.allowHeaders': 'cors.allowHeaders',
  'cors.exposeHeaders': 'cors.exposeHeaders',
  'cors.allowCredentials': 'cors.allowCredentials',
  'cors.maxAge': ['cors.maxAge', whole(seconds)],
  'basicAuth.users': 'basicAuth.secretRef',
  'basicAuth.forwardUsernameHeader': 'basicAuth.forwardUsernameHeader',
  'apiKeyAuth.credentialRefs': 'apiKeys.secretRefs',
  'apiKeyAuth.extractFrom': ['apiKeys.from', keyPlaces],
  'apiKeyAuth.forwardClientIDHeader': 'apiKeys.forwardClientIDHeader',
  'apiKeyAuth.sanitize': 'apiKeys.sanitize',
  'jwt.optional': 'jwt.optional',
  'jwt.providers': ['jwt.providers', jwtProviders],
  'extAuth.grpc.backendRefs': ['externalAuth', (reading) => authService('GRPC', reading)],
  'extAuth.http.backendRefs': ['externalAuth', (reading) => authService('HTTP', reading)],
  'extAuth.http.path': 'externalAuth.path',
  'extAuth.http.headersToBackend': 'externalAuth.allowedResponseHeaders',
  'extAuth.headersToExtAuth': 'externalAuth.allowedHeaders',
  'extAuth.bodyToExtAuth.maxRequestBytes': 'externalAuth.forwardBodyBytes',
  'authorization.defaultAction': 'authorization.defaultAction',
  'authorization.rules': ['authorization.rules', authorizationRules],
};

const KINDS: Readonly<Record<string, { readonly kind: string; readonly fields: Fields }>> = {
  ClientTrafficPolicy: { kind: 'ClientPolicy', fields: CLIENT },
  BackendTrafficPolicy: { kind: 'BackendPolicy', fields: BACKEND },
  SecurityPolicy: { kind: 'SecurityPolicy', fields: SECURITY },
};

/** Say what the members beside them say already. */
const IMPLIED = ['healthCheck.active.type', 'rateLimit.type', 'type'];

/** A conversion that has read its part, of which nothing is to be said. */
const NOTHING = null;

/** Kinds of Envoy Gateway that are imported. */
export const ENVOY_GATEWAY_KINDS: ReadonlySet<string> = new Set(Object.keys(KINDS));

/** Converts a policy of Envoy Gateway to ours of the same meaning. */
export function importEnvoyGatewayPolicy(object: KubeObject, collector: Collector): void {
  const from = object.kind ?? '';
  const { kind, fields } = KINDS[from]!;
  const namespace = object.metadata.namespace ?? 'default';
  const name = object.metadata.name ?? '';
  const source = { kind: from, namespace, name };
  const spec = new Reading((object as unknown as { readonly spec?: JsonObject }).spec, 'spec');
  const made: JsonObject = {};
  const single = spec.at('targetRef').object();
  const several = spec.at('targetRefs').take();
  const targetRefs = Array.isArray(several) ? several : single === undefined ? [] : [single];
  if (targetRefs.length === 0) {
    collector.find(
      source,
      'spec.targetRefs',
      'error',
      'must name what it is about; targetSelectors have no equivalent, and it is left out',
    );
    return;
  }
  for (const [path, field] of Object.entries(fields))
    convert(spec, path, field, made, (where, message) => collector.find(source, where, 'dropped', message));
  for (const path of IMPLIED) at(spec, path).take();
  // what is not asked of who wants in is no small matter
  const [type, more] =
    from === 'SecurityPolicy' ? (['error', ', and without it more may get in'] as const) : (['dropped', ''] as const);
  for (const path of spec.unread()) collector.find(source, path, type, `this field has no equivalent${more}`);
  collector.add(policyObject(kind, namespace, name, { targetRefs, ...made }));
}

function convert(
  spec: Reading,
  from: string,
  field: Field,
  made: JsonObject,
  dropped: (path: string, message: string) => void,
): void {
  const reading = at(spec, from);
  if (!reading.isThere) return;
  const [to, read] = typeof field === 'string' ? [field, whole((value) => value)] : field;
  const converted = read(reading);
  if (converted === NOTHING) return;
  if (converted !== undefined) return set(made, to.split('.'), converted);
  dropped(reading.path, `${JSON.stringify(reading.take())} has no equivalent`);
}

function at(reading: Reading, path: string): Reading {
  return path.split('.').reduce((parent, name) => parent.at(name), reading);
}

/** A conversion of a value as a whole. */
function whole(convertValue: (value: JsonValue) => JsonValue | undefined): (reading: Reading) => JsonValue | undefined {
  return (reading) => convertValue(reading.take()!);
}

/** Sets a value at a path; objects that are there already are merged. */
function set(object: JsonObject, [name = '', ...rest]: readonly string[], value: JsonValue): void {
  const old = object[name];
  const isObject = (one: JsonValue | undefined): one is JsonObject =>
    typeof one === 'object' && one !== null && !Array.isArray(one);
  if (rest.length > 0) {
    const child = isObject(old) ? old : {};
    object[name] = child;
    set(child, rest, value);
  } else object[name] = isObject(old) && isObject(value) ? { ...old, ...value } : value;
}

function quantity(value: JsonValue): JsonValue | undefined {
  const [, amount, unit = ''] = /^(\d+)(Ki|Mi|Gi|k|M|G)?$/.exec(String(value)) ?? [];
  const factors: Readonly<Record<string, number>> = {
    '': 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    Ki: 1024,
    Mi: 1024 ** 2,
    Gi: 1024 ** 3,
  };
  return amount === undefined ? undefined : Number(amount) * factors[unit]!;
}

function seconds(value: JsonValue): JsonValue | undefined {
  const parts = [...String(value).matchAll(/(\d+)(h|m|s)/g)];
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
  return parts.length === 0
    ? undefined
    : parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0);
}

/** `Auto` is what is the case where nothing is said. */
function tlsVersion(reading: Reading): JsonValue | undefined {
  const version = reading.text();
  return version === 'Auto' ? NOTHING : version;
}

function retryTriggers(reading: Reading): JsonValue | undefined {
  const known = /^(connect-failure|refused-stream|reset|reset-before-request)$/;
  const found = reading.items().filter((trigger) => known.test(String(trigger.peek())));
  for (const trigger of found) trigger.take();
  return found.length === 0 ? NOTHING : ['ConnectionError'];
}

function rateLimits(reading: Reading): JsonValue | undefined {
  const limits = reading.items().flatMap((rule) => {
    const selectors = rule.at('clientSelectors').items();
    if (selectors.length > 1) return [];
    const [selector] = selectors;
    const headers = selector
      ?.at('headers')
      .items()
      .map((header) => ({
        name: header.at('name').text() ?? '',
        type: header.at('type').text() ?? 'Exact',
        ...(header.at('value').isThere && { value: header.at('value').text()! }),
      }));
    const cidr = selector?.at('sourceCIDR');
    const network = cidr?.at('value').text();
    return [
      {
        ...(headers && headers.length > 0 && { headers }),
        ...(network !== undefined && {
          clientCIDR: { cidr: network, distinct: cidr?.at('type').text() === 'Distinct' },
        }),
        requests: rule.at('limit').at('requests').number() ?? 0,
        per: rule.at('limit').at('unit').text() ?? 'Second',
      } as JsonObject,
    ];
  });
  return limits.length === reading.items().length ? limits : undefined;
}

function compressors(reading: Reading): JsonValue | undefined {
  const types = reading.items().flatMap((one) => one.at('type').text() ?? []);
  return types.length === 0 ? undefined : types;
}

function keyPlaces(reading: Reading): JsonValue | undefined {
  const members: readonly (readonly [string, string])[] = [
    ['headers', 'header'],
    ['params', 'param'],
    ['cookies', 'cookie'],
  ];
  const places = reading
    .items()
    .flatMap((place) =>
      members.flatMap(([from, to]) => (place.at(from).texts() ?? []).map((name) => ({ [to]: name }))),
    );
  return places.length === 0 ? undefined : places;
}

function jwtProviders(reading: Reading): JsonValue | undefined {
  return reading.items().map((provider) => {
    const remote = provider.at('remoteJWKS');
    const local = provider.at('localJWKS');
    const from = provider.at('extractFrom');
    const headers = from
      .at('headers')
      .items()
      .map((header) => ({
        name: header.at('name').text() ?? '',
        ...(header.at('valuePrefix').isThere && { prefix: header.at('valuePrefix').text()! }),
      }));
    const [params, cookies] = ['params', 'cookies'].map((name) => from.at(name).texts());
    const audiences = provider.at('audiences').texts();
    const configMap = local.at('valueRef').at('name').text();
    return {
      name: provider.at('name').text() ?? '',
      ...(provider.at('issuer').isThere && { issuer: provider.at('issuer').text()! }),
      ...(audiences && { audiences: [...audiences] }),
      ...(remote.isThere && { remoteJWKS: remoteKeys(remote) }),
      ...(local.isThere && {
        localJWKS:
          configMap === undefined ? { inline: local.at('inline').text() ?? '' } : { configMapRef: { name: configMap } },
      }),
      ...(from.isThere && {
        from: {
          ...(headers.length > 0 && { headers }),
          ...(params && { params: [...params] }),
          ...(cookies && { cookies: [...cookies] }),
        },
      }),
      ...(provider.at('claimToHeaders').isThere && { claimToHeaders: provider.at('claimToHeaders').take()! }),
    } as JsonObject;
  });
}

function remoteKeys(remote: Reading): JsonObject {
  const cacheDuration = remote.at('cacheDuration').text();
  return { uri: remote.at('uri').text() ?? '', ...(cacheDuration !== undefined && { cacheDuration }) };
}

function authService(protocol: 'GRPC' | 'HTTP', reading: Reading): JsonValue | undefined {
  const refs = reading.items();
  const ref = refs[0]?.object();
  return ref === undefined || refs.length > 1 ? undefined : { protocol, backendRef: ref };
}

function authorizationRules(reading: Reading): JsonValue | undefined {
  return reading.items().map((rule) => {
    const principal = rule.at('principal');
    const cidrs = principal.at('clientCIDRs').texts();
    const methods = rule.at('operation').at('methods').texts();
    return {
      ...(rule.at('name').isThere && { name: rule.at('name').text()! }),
      action: rule.at('action').text() ?? 'Deny',
      ...(cidrs && { clientCIDRs: [...cidrs] }),
      ...(methods && { methods: [...methods] }),
      ...(principal.at('headers').isThere && { headers: principal.at('headers').take()! }),
      ...(principal.at('jwt').isThere && { jwt: principal.at('jwt').take()! }),
    } as JsonObject;
  });
}
