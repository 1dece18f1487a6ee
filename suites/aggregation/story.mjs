// What is asked of a server that aggregates APIs, and what it answers: the same of nekube and of the real kube-apiserver.
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../call.mjs';
import { startExtension } from './extension.mjs';

const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
/** A story that does not go on is one that has failed. */
const PATIENCE_MS = 60_000;

const apiService = (group, service, spec = {}) => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: `v1.${group}` },
  spec: {
    group,
    version: 'v1',
    groupPriorityMinimum: 2000,
    versionPriority: 10,
    service: { namespace: 'default', ...service },
    ...spec,
  },
});
const slice = (name, service) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, labels: { 'kubernetes.io/service-name': service } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: false } }],
  ports: [{ name: 'https', port: 8443 }],
});
const base64 = (text) => Buffer.from(text).toString('base64');

/**
 * Plays all of it.
 *
 * @param server `{url, token, ca?}`
 * @returns the answers by what they are about
 */
export async function play(server) {
  const story = new Story(server);
  await story.withoutService();
  await story.withoutEndpoints();
  await story.served();
  await story.inPlainForm();
  await story.badCertificate();
  await story.customResources();
  return story.answers;
}

class Story {
  answers = {};
  #server;
  #ports = new Map();

  constructor(server) {
    this.#server = server;
  }

  async #call(method, path, body, headers = {}) {
    if (body !== undefined) return call(this.#server, method, path, body);
    return withHeaders(this.#server, method, path, headers);
  }

  async #make(object, path = SERVICES) {
    const { code, text } = await this.#call('POST', path, object);
    if (code !== 201) throw new Error(`${path}: ${text}`);
  }

  async #told(name, method, path, body, headers) {
    const { code, headers: answered, text } = await this.#call(method, path, body, headers);
    this.answers[name] = { code, type: answered['content-type'] ?? '', body: this.#plain(text) };
  }

  /** Waits until the condition has this reason, and tells it. */
  async #condition(name, service, reason) {
    for (const end = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      const { body } = await this.#call('GET', `${SERVICES}/${service}`);
      const condition = body?.status?.conditions?.find(({ type }) => type === 'Available');
      if (condition?.reason === reason) {
        const { type, status, message } = condition;
        this.answers[name] = { type, status, reason, message: this.#plain(message) };
        return;
      }
      if (Date.now() > end) throw new Error(`${service} has never ${reason}, but ${JSON.stringify(condition)}`);
    }
  }

  /** Waits until discovery shows a group, and tells it. */
  async #discovery(name, group, isSettled = () => true) {
    for (const end = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      const { body } = await this.#call('GET', '/apis', undefined, { accept: AGGREGATED });
      const item = body.items.find(({ metadata }) => metadata.name === group);
      if (item !== undefined && isSettled(item)) {
        delete item.metadata.creationTimestamp;
        this.answers[name] = item;
        return;
      }
      if (Date.now() > end) throw new Error(`discovery never has ${group} so, but ${JSON.stringify(item)}`);
    }
  }

  async #extension(name, options) {
    const extension = await startExtension({ name, ...options });
    this.#ports.set(extension.port, name);
    const spec = { type: 'ExternalName', externalName: 'localhost' };
    await this.#make(
      { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec },
      '/api/v1/namespaces/default/services',
    );
    return extension;
  }

  #plain(text) {
    let out = text;
    for (const [port, name] of this.#ports)
      out = out.replaceAll(`localhost:${port}`, name).replaceAll(`127.0.0.1:${port}`, name);
    // which of the addresses of localhost is tried, and last, is the machine's
    return out
      .replace(/ \(possibly because of .*\)$/, '')
      .replaceAll(/\[::1\]:\d+/g, '127.0.0.1')
      .replace(/"(uid|hash)=?[^"]*"/g, '"$1"');
  }

  async withoutService() {
    await this.#make(apiService('none.example.dev', { name: 'none' }));
    await this.#condition('a service that is not there', 'v1.none.example.dev', 'ServiceNotFound');
    await this.#told('a request to it', 'GET', '/apis/none.example.dev/v1/namespaces/default/echoes');
    await this.#told('its version', 'GET', '/apis/none.example.dev/v1');
    await this.#told('its group', 'GET', '/apis/none.example.dev');
    await this.#discovery('its discovery', 'none.example.dev');
  }

  async withoutEndpoints() {
    const spec = { ports: [{ name: 'https', port: 443 }] };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'lonely' }, spec };
    await this.#make(service, '/api/v1/namespaces/default/services');
    await this.#make(apiService('lonely.example.dev', { name: 'lonely' }));
    await this.#condition('a service without endpoints', 'v1.lonely.example.dev', 'EndpointsNotFound');
    await this.#make(apiService('wrong.example.dev', { name: 'lonely', port: 444 }));
    await this.#condition('a port that the service has not', 'v1.wrong.example.dev', 'ServicePortError');
    await this.#make(slice('lonely-1', 'lonely'), SLICES);
    await this.#condition('endpoints that are not ready', 'v1.lonely.example.dev', 'MissingEndpoints');
  }

  async served() {
    const group = 'echo.example.dev';
    const extension = await this.#extension('echo', { group });
    const { port, ca } = extension;
    await this.#make(apiService(group, { name: 'echo', port }, { caBundle: base64(ca), groupPriorityMinimum: 17_760 }));
    await this.#condition('a server that answers', `v1.${group}`, 'Passed');
    await this.#discovery('its resources', group, ({ versions }) => versions[0].freshness === 'Current');
    const { body } = await this.#call('GET', '/apis');
    const names = body.groups.map(({ name }) => name);
    this.answers['where its group stands'] = names.slice(0, 5);
    await this.#told('its group when it answers', 'GET', `/apis/${group}`);
    const path = `/apis/${group}/v1`;
    await this.#told('its version when it answers', 'GET', path);
    const echoes = `${path}/namespaces/default/echoes`;
    await this.#told('a list', 'GET', `${echoes}?limit=5&b=%2F&a=x+y`);
    await this.#told('an object that is made', 'POST', echoes, { kind: 'Echo' });
    await this.#told('a name that has to be escaped', 'GET', `${echoes}/a%20b`);
    await this.#told('signs in a name', 'GET', `${echoes}/a!*'()[;:@]%3F%23%2F%5C`);
    await this.#told('dots in a path', 'GET', `${echoes}/../../../../../../api/v1/./secrets`);
    await this.#told('dots that are escaped', 'GET', `${echoes}/%2e%2E/%2e`);
    await this.#told('dots after a version', 'GET', `${path}/..`);
    await this.#told('an object that is not there', 'GET', `${echoes}/missing`);
    await this.#told('a redirect', 'GET', `${echoes}/elsewhere`);
    await this.#told('a watch', 'GET', `${echoes}?watch=true`);
    const as = { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters', 'impersonate-extra-a%2fb': 'c' };
    await this.#told('somebody else', 'GET', `${echoes}/one`, undefined, {
      ...as,
      'x-remote-user': 'root',
      'x-remote-extra-x': 'y',
    });
    this.answers['another protocol'] = await upgraded(this.#server, `${echoes}/one/exec?b=1&a=2`);
    this.answers['another protocol by dots'] = await upgraded(this.#server, `${echoes}/../../x`);
    await this.#openApi(group);
    await extension.close();
    // what becomes of the service is a reason to look, before it is time to
    await this.#make({ ...slice('echo-1', 'echo'), endpoints: [] }, SLICES);
    await this.#condition('a server that has gone', `v1.${group}`, 'FailedDiscoveryCheck');
    await this.#told('a request to it when it has gone', 'GET', echoes);
    await this.#discovery('its resources when it has gone', group, ({ versions }) => versions[0].freshness === 'Stale');
  }

  async #openApi(group) {
    const key = `apis/${group}/v1`;
    for (const end = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      const { body } = await this.#call('GET', '/openapi/v3');
      const whole = await this.#call('GET', '/openapi/v2', undefined, { accept: 'application/json' });
      const paths = Object.keys(whole.body?.paths ?? {}).filter(
        (path) => path.includes('example.dev') || path.includes('/other/'),
      );
      const definitions = Object.keys(whole.body?.definitions ?? {}).filter((name) => name.startsWith('dev.example'));
      if (body?.paths[key] !== undefined && paths.length > 0) {
        this.answers['its OpenAPI'] = { index: body.paths[key], paths, definitions };
        break;
      }
      if (Date.now() > end) throw new Error('its OpenAPI is never there');
    }
    await this.#told('its document', 'GET', `/openapi/v3/${key}`);
  }

  async inPlainForm() {
    const group = 'plain.example.dev';
    const extension = await this.#extension('plain', { group, aggregated: false });
    await this.#make(apiService(group, { name: 'plain', port: extension.port }, { insecureSkipTLSVerify: true }));
    await this.#condition('a server without aggregated discovery', `v1.${group}`, 'Passed');
    await this.#discovery('resources in the plain form', group, ({ versions }) => versions[0].freshness === 'Current');
    await extension.close();
  }

  async badCertificate() {
    const group = 'bad.example.dev';
    const extension = await this.#extension('bad', { group });
    const other = await startExtension({ name: 'other', group });
    await this.#make(apiService(group, { name: 'bad', port: extension.port }, { caBundle: base64(other.ca) }));
    await this.#condition('a certificate of another CA', `v1.${group}`, 'FailedDiscoveryCheck');
    await extension.close();
    await other.close();
  }

  /** APIServices of custom resources come and go with these. */
  async customResources() {
    const group = 'crds.example.dev';
    const names = { plural: 'gears', singular: 'gear', kind: 'Gear' };
    const versions = [{ name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
    const spec = { group, names, scope: 'Cluster', versions };
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const metadata = { name: `gears.${group}` };
    await this.#make({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata, spec }, crds);
    await this.#condition('a custom resource', `v2.${group}`, 'Local');
    const { body } = await this.#call('GET', `${SERVICES}/v2.${group}`);
    const { labels, managedFields } = body.metadata;
    const managers = managedFields.map(({ manager, operation, subresource = '' }) => ({
      manager,
      operation,
      subresource,
    }));
    this.answers['its APIService'] = { labels, spec: body.spec, managers };
    await this.#call('DELETE', `${crds}/gears.${group}`);
    for (const end = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      const { code } = await this.#call('GET', `${SERVICES}/v2.${group}`);
      if (code === 404) return;
      if (Date.now() > end) throw new Error('the APIService of a custom resource stays');
    }
  }
}

/** As `call`, with headers and without a body. */
function withHeaders({ url, token, ca }, method, path, headers) {
  const options = {
    method,
    ca,
    rejectUnauthorized: ca !== undefined,
    headers: { authorization: `Bearer ${token}`, ...headers },
  };
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    // the path as it is: a URL resolves dots
    const sent = request({ ...options, hostname, port, path }, async (response) => {
      const chunks = await response.toArray();
      const text = Buffer.concat(chunks).toString();
      resolve({
        code: response.statusCode,
        headers: response.headers,
        text,
        body: objectOf(text),
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Undefined for what is no object of JSON, or several. */
function objectOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is said on a connection that is had for another protocol. */
function upgraded({ url, token, ca }, path) {
  const headers = { authorization: `Bearer ${token}`, connection: 'Upgrade', upgrade: 'echo/1' };
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, headers, ca, rejectUnauthorized: ca !== undefined });
    sent.on('error', reject);
    sent.on('response', (response) => resolve({ code: response.statusCode }));
    sent.on('upgrade', (response, socket, head) => {
      let said = String(head);
      const look = () => {
        if (!said.endsWith('ping\n')) return;
        socket.destroy();
        resolve({ code: response.statusCode, protocol: response.headers.upgrade, said });
      };
      socket.on('data', (chunk) => {
        said += chunk;
        look();
      });
      socket.on('error', reject);
      socket.write('ping\n');
    });
    sent.end();
  });
}
