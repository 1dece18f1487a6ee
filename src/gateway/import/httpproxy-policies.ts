import type { JsonObject } from 'nekube/apimachinery';
import type { ProxyContext, ProxyRule } from './httpproxy.ts';
import type { Reading } from './reading.ts';
import { nameOf, policyObject, targetOf } from './result.ts';

const STRATEGIES: Readonly<Record<string, string>> = {
  RoundRobin: 'RoundRobin',
  WeightedLeastRequest: 'LeastRequest',
  Random: 'Random',
};

/** Adds a policy for each rule that says something of how its backends are spoken with. */
export function addRoutePolicies(
  context: ProxyContext,
  route: { readonly namespace: string; readonly name: string },
  rules: readonly ProxyRule[],
): void {
  rules.forEach(({ route: read }, i) => {
    const spec = {
      ...loadBalancing(read.at('loadBalancerPolicy'), context),
      ...healthCheck(read.at('healthCheckPolicy')),
      ...rateLimit(read.at('rateLimitPolicy'), context),
      ...idle(read.at('timeoutPolicy')),
    };
    if (Object.keys(spec).length === 0) return;
    const targetRefs = [targetOf('HTTPRoute', route.name, `rule-${i}`)];
    context.collector.add(
      policyObject('BackendPolicy', route.namespace, nameOf(route.name, `rule-${i}`), { targetRefs, ...spec }),
    );
  });
}

function loadBalancing(policy: Reading, { collector, source, namespace }: ProxyContext): JsonObject {
  const strategy = policy.at('strategy').text();
  if (strategy === undefined) return {};
  if (strategy === 'Cookie') {
    const name = `X-Contour-Session-Affinity`;
    return { loadBalancing: { type: 'ConsistentHash', consistentHash: { type: 'Cookie', name, ttl: '0s' } } };
  }
  if (strategy === 'RequestHash') {
    const [first] = policy.at('requestHashPolicies').items();
    const header = first?.at('headerHashOptions').at('headerName').text();
    const param = first?.at('queryParameterHashOptions').at('parameterName').text();
    first?.at('terminal').flag();
    const consistentHash: JsonObject =
      header !== undefined
        ? { type: 'Header', name: header }
        : param !== undefined
          ? { type: 'QueryParam', name: param }
          : { type: 'SourceIP' };
    first?.at('hashSourceIP').flag();
    return { loadBalancing: { type: 'ConsistentHash', consistentHash } };
  }
  const type = STRATEGIES[strategy];
  if (type !== undefined) return { loadBalancing: { type } };
  collector.find(
    source,
    policy.path,
    'dropped',
    `${strategy} has no equivalent (of a proxy in namespace ${namespace})`,
  );
  return {};
}

function healthCheck(policy: Reading): JsonObject {
  if (!policy.isThere) return {};
  const seconds = (name: string): string | undefined => {
    const value = policy.at(name).number();
    return value === undefined ? undefined : `${value}s`;
  };
  const host = policy.at('host').text();
  const interval = seconds('intervalSeconds');
  const timeout = seconds('timeoutSeconds');
  const unhealthyThreshold = policy.at('unhealthyThresholdCount').number();
  const healthyThreshold = policy.at('healthyThresholdCount').number();
  return {
    healthCheck: {
      ...(interval !== undefined && { interval }),
      ...(timeout !== undefined && { timeout }),
      ...(unhealthyThreshold !== undefined && { unhealthyThreshold }),
      ...(healthyThreshold !== undefined && { healthyThreshold }),
      http: { path: policy.at('path').text() ?? '/', ...(host !== undefined && { hostname: host }) },
    },
  };
}

function rateLimit(policy: Reading, { collector, source }: ProxyContext): JsonObject {
  const local = policy.at('local');
  const requests = local.at('requests').number();
  const unit = local.at('unit').text();
  if (requests === undefined || unit === undefined) return {};
  if (local.at('burst').number() !== undefined) {
    collector.find(source, `${local.path}.burst`, 'dropped', 'a limit has no burst beyond it');
  }
  const per = `${unit[0]!.toUpperCase()}${unit.slice(1).toLowerCase()}`;
  return { rateLimit: { local: [{ requests, per }] } };
}

function idle(policy: Reading): JsonObject {
  const connection = policy.at('idleConnection').text();
  return connection === undefined || connection === 'infinity' ? {} : { timeouts: { idle: connection } };
}
