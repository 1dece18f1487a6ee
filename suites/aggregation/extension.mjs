// The server of an aggregated API, as small as one can be: it tells who it is asked by, and what.
import { createServer } from 'node:https';
import { loadOrCreatePki } from 'nekube/pki';

const KIND = { group: '', version: '', kind: 'Echo' };
const VERBS = ['create', 'get', 'list', 'watch'];
/** What an answer tells of the headers of a request. */
const TOLD = /^(x-remote-|x-forwarded-uri$|authorization$|impersonate-|content-type$|audit-id$)/;

/**
 * Starts one on a free port of 127.0.0.1, whose certificate is of the service `NAME.default.svc`.
 *
 * @param aggregated whether it has the aggregated form of discovery
 * @returns `{port, ca, asked, close()}`; `asked` are the paths that were asked for
 */
export async function startExtension({ name, group, version = 'v1', aggregated = true }) {
  const pki = loadOrCreatePki(undefined, { hosts: [`${name}.default.svc`], ips: [], now: () => new Date() });
  const asked = [];
  const documents = documentsOf(group, version, aggregated);
  const tls = { cert: pki.servingCert, key: pki.servingKey, requestCert: true, rejectUnauthorized: false };
  const server = createServer(tls, (request, response) => {
    asked.push(request.url);
    const { pathname, searchParams } = new URL(request.url, 'https://it');
    const document = request.method === 'GET' ? documents[pathname] : undefined;
    if (document !== undefined) return send(response, 200, document.body, document.type);
    if (pathname.endsWith('/elsewhere')) return response.writeHead(302, { location: '/apis/other' }).end();
    if (pathname.endsWith('/missing')) return send(response, 404, { kind: 'Status', code: 404, reason: 'NotFound' });
    if (searchParams.get('watch') === 'true') return stream(response);
    return echo(request, response);
  });
  server.on('upgrade', (request, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${request.headers.upgrade}\r\n\r\n`,
    );
    socket.write(`hello ${request.headers['x-remote-user']} at ${request.url}\n`);
    socket.pipe(socket);
  });
  const port = await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port, ca: pki.caCert, asked, close };
}

async function echo(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = {};
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i].toLowerCase();
    if (TOLD.test(name)) (headers[name] ??= []).push(name === 'audit-id' ? 'ID' : request.rawHeaders[i + 1]);
  }
  const proxy = request.socket.getPeerCertificate().subject?.CN ?? 'none';
  const { method, url } = request;
  send(response, method === 'POST' ? 201 : 200, {
    kind: 'Echo',
    method,
    url,
    headers: sorted(headers),
    proxy,
    body: String(Buffer.concat(chunks)),
  });
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function stream(response) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"type":"ADDED","object":{"kind":"Echo"}}\n');
  setImmediate(() => response.end('{"type":"DELETED","object":{"kind":"Echo"}}\n'));
}

function send(response, code, body, type = 'application/json') {
  response.writeHead(code, { 'content-type': type });
  response.end(JSON.stringify(body));
}

function documentsOf(group, version, aggregated) {
  const groupVersion = `${group}/${version}`;
  const plain = {
    name: 'echoes',
    singularName: 'echo',
    namespaced: true,
    kind: 'Echo',
    verbs: VERBS,
    shortNames: ['ec'],
  };
  const status = { name: 'echoes/status', singularName: '', namespaced: true, kind: 'Echo', verbs: ['get'] };
  const resource = {
    resource: 'echoes',
    responseKind: { ...KIND, group, version },
    scope: 'Namespaced',
    singularResource: 'echo',
    verbs: VERBS,
  };
  const schema = `dev.example.${version}.Echo`;
  const operation = (content) => ({
    get: { operationId: 'listEchoes', responses: { 200: { description: 'OK', ...content } } },
  });
  const path = `/apis/${groupVersion}/namespaces/{namespace}/echoes`;
  const v3 = {
    openapi: '3.0.0',
    info: { title: 'echo', version: 'v1' },
    paths: {
      [path]: operation({ content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } }),
    },
    components: { schemas: { [schema]: { type: 'object' } } },
  };
  const v2 = {
    swagger: '2.0',
    info: { title: 'echo', version: 'v1' },
    paths: { [path]: operation({ schema: { $ref: `#/definitions/${schema}` } }), '/apis/other/v1/': operation({}) },
    definitions: { [schema]: { type: 'object', description: 'An echo.' }, 'dev.example.Unused': { type: 'object' } },
  };
  return {
    [`/apis/${groupVersion}`]: {
      body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: [plain, status] },
    },
    '/openapi/v2': { body: v2 },
    '/openapi/v3': {
      body: { paths: { [`apis/${groupVersion}`]: { serverRelativeURL: `/openapi/v3/apis/${groupVersion}?hash=1` } } },
    },
    [`/openapi/v3/apis/${groupVersion}`]: { body: v3 },
    ...(aggregated && {
      '/apis': {
        type: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
        body: {
          kind: 'APIGroupDiscoveryList',
          apiVersion: 'apidiscovery.k8s.io/v2',
          metadata: {},
          items: [{ metadata: { name: group }, versions: [{ version, resources: [resource], freshness: 'Current' }] }],
        },
      },
    }),
  };
}
