// A server of metrics, as adapters of monitoring systems are: what scenarios say that there is, for the three APIs of metrics.
import { createServer } from 'node:https';

const VERSIONS = {
  'metrics.k8s.io': 'v1beta1',
  'custom.metrics.k8s.io': 'v1beta2',
  'external.metrics.k8s.io': 'v1beta1',
};
const PATH = /^\/apis\/((?:custom\.|external\.)?metrics\.k8s\.io)(?:\/(v\w+)(?:\/namespaces\/([^/]+)\/(.+))?)?$/;
const KINDS = {
  'metrics.k8s.io': 'PodMetricsList',
  'custom.metrics.k8s.io': 'MetricValueList',
  'external.metrics.k8s.io': 'ExternalMetricValueList',
};
/** In the time of nobody: no pod has changed since. */
const AT = '2040-01-01T00:00:00Z';

/** What the metrics of namespaces are, and the answers of the APIs about them. */
export class Metrics {
  /** By namespace. */
  #told = new Map();

  /**
   * @param metrics `pods: {POD: {RESOURCE: QUANTITY}}` of their containers `web`, `custom: {PATH: {OBJECT: QUANTITY}}`,
   *   `external: {METRIC: [QUANTITY]}`
   */
  set(namespace, metrics) {
    this.#told.set(namespace, metrics);
  }

  /** `{status, body}`; undefined: the path is none of metrics. */
  answer(target) {
    const [, group, version, namespace, rest] = PATH.exec(target.split('?')[0]) ?? [];
    if (group === undefined) return undefined;
    const groupVersion = `${group}/${VERSIONS[group]}`;
    if (version === undefined) return { status: 200, body: groupOf(group, groupVersion) };
    if (namespace === undefined) return { status: 200, body: resourcesOf(groupVersion) };
    const items = this.#items(group, this.#told.get(namespace) ?? {}, decodeURIComponent(rest));
    if (items === undefined) return { status: 404, body: notFound(rest) };
    return { status: 200, body: { kind: KINDS[group], apiVersion: groupVersion, metadata: {}, items } };
  }

  #items(group, { pods = {}, custom = {}, external = {} }, rest) {
    if (group === 'metrics.k8s.io')
      return Object.entries(pods).map(([name, usage]) => ({
        metadata: { name },
        timestamp: AT,
        window: '30s',
        containers: [{ name: 'web', usage }],
      }));
    if (group === 'custom.metrics.k8s.io')
      return (
        custom[rest] &&
        Object.entries(custom[rest]).map(([name, value]) => ({
          describedObject: { name },
          metric: { name: rest.split('/').at(-1) },
          timestamp: AT,
          value,
        }))
      );
    return external[rest]?.map((value) => ({ metricName: rest, metricLabels: {}, timestamp: AT, value }));
  }
}

/** Serves them over HTTPS, and registers these groups of them with a server that aggregates. Gives `close()`. */
export async function registerMetrics(
  client,
  metrics,
  { servingCert: cert, servingKey: key },
  groups = Object.keys(VERSIONS),
) {
  const server = createServer({ cert, key }, (request, response) => {
    const { status = 404, body = notFound(request.url) } = metrics.answer(request.url) ?? {};
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service = { namespace: 'kube-system', name: 'metrics-adapter' };
  await client.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: service,
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  const kind = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' };
  const names = groups.map((group) => {
    const version = VERSIONS[group];
    return { group, version, name: `${version}.${group}` };
  });
  for (const { group, version, name } of names) {
    const priorities = { groupPriorityMinimum: 100, versionPriority: 100 };
    const to = { ...service, port: server.address().port };
    const spec = { group, version, service: to, insecureSkipTLSVerify: true, ...priorities };
    await client.create({ ...kind, metadata: { name }, spec });
  }
  const isAvailable = async ({ name }) => {
    const { status } = await client.get(kind, { name });
    return status?.conditions?.some(({ type, status: value }) => type === 'Available' && value === 'True');
  };
  for (let tries = 0; !(await Promise.all(names.map(isAvailable))).every(Boolean); tries++) {
    if (tries > 100) throw new Error('The metrics are not available');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function groupOf(name, groupVersion) {
  const version = { groupVersion, version: groupVersion.split('/')[1] };
  return { kind: 'APIGroup', apiVersion: 'v1', name, versions: [version], preferredVersion: version };
}

function resourcesOf(groupVersion) {
  const resource = { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] };
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: [resource] };
}

function notFound(what) {
  const message = `there is no metric ${what}`;
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'NotFound', code: 404 };
}
