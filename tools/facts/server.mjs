// Writes the facts in src/api/facts that a running, fresh kube-apiserver tells: discovery, OpenAPI, the columns of
// Tables and the objects it makes itself. Runs only by hand, when the Kubernetes version changes:
//
//   node tools/facts/server.mjs https://127.0.0.1:6443 TOKEN && (cd tools/facts/go && go run . ../../../src/api/facts/discovery-facts.json > ../../../src/api/facts/go-types.json)
//
// The token must belong to system:masters. The certificate is not checked.
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';

const [base, token] = process.argv.slice(2);
if (!base || !token) {
  console.error('usage: node tools/facts/server.mjs URL TOKEN');
  process.exit(2);
}
const out = new URL('../../src/api/facts/', import.meta.url);

function get(path, accept = 'application/json') {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept };
    request(base + path, { headers, rejectUnauthorized: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`GET ${path}: ${response.statusCode} ${text}`));
      });
    })
      .on('error', reject)
      .end();
  });
}

/** An object with each member on a line of its own, so that a new version shows as a readable diff. */
function lines(object, depth = 1, indent = '') {
  if (depth === 0 || typeof object !== 'object' || object === null || Object.keys(object).length === 0)
    return JSON.stringify(object);
  const inner = `${indent} `;
  const members = Array.isArray(object)
    ? object.map((value) => inner + lines(value, depth - 1, inner))
    : Object.entries(object).map(([key, value]) => `${inner}${JSON.stringify(key)}: ${lines(value, depth - 1, inner)}`);
  const [open, close] = Array.isArray(object) ? '[]' : '{}';
  return `${open}\n${members.join(',\n')}\n${indent}${close}`;
}

const write = (name, value, depth) => writeFileSync(new URL(`${name}.json`, out), `${lines(value, depth)}\n`);
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Served groups, versions and resources, from aggregated discovery. */
async function discovery(kubernetes) {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const lists = [await get('/api', accept), await get('/apis', accept)];
  const groups = lists
    .flatMap((list) => list.items)
    .map(({ metadata, versions }) => ({
      group: metadata.name ?? '',
      versions: versions.map(({ version, resources }) => ({ version, resources })),
    }));
  write('discovery-facts', { kubernetes, groups }, 6);
  return groups;
}

const prefixOf = (group, version) => (group === '' ? `/api/${version}` : `/apis/${group}/${version}`);

/** Columns of the Table of each resource that can be listed. */
async function tables(groups) {
  const columns = {};
  for (const { group, versions } of groups)
    for (const { version, resources } of versions)
      for (const { resource } of resources.filter((r) => r.verbs.includes('list'))) {
        const table = await get(
          `${prefixOf(group, version)}/${resource}?limit=1`,
          'application/json;as=Table;g=meta.k8s.io;v=v1',
        );
        columns[`${group === '' ? '' : `${group}/`}${version}/${resource}`] = table.columnDefinitions;
      }
  write('table-columns', columns, 2);
}

/** Objects of a fresh server, without what differs between servers; in the order in which lists have them. */
async function bootstrap(groups) {
  const wanted = [
    'clusterroles',
    'clusterrolebindings',
    'roles',
    'rolebindings',
    'priorityclasses',
    'flowschemas',
    'prioritylevelconfigurations',
    'namespaces',
    'services',
    'servicecidrs',
    'apiservices',
  ];
  const objects = {};
  for (const name of wanted) {
    const { group, versions } = groups.find((g) =>
      g.versions.some((v) => v.resources.some((r) => r.resource === name)),
    );
    const list = await get(`${prefixOf(group, versions[0].version)}/${name}`);
    objects[name] = list.items.map(({ status, metadata, ...rest }) => {
      const { uid, resourceVersion, creationTimestamp, managedFields, ...meta } = metadata;
      return { metadata: meta, ...rest };
    });
  }
  for (const { spec } of objects.services) spec.ports[0].targetPort = 6443; // the port of the server that was asked
  write('bootstrap-objects', objects, 2);
}

/** Schemas, paths and descriptions of all OpenAPI v3 documents. */
async function openapi(kubernetes) {
  const index = await get('/openapi/v3');
  const schemas = {};
  const descriptions = {};
  const documents = {};
  const paths = new Paths();
  const hashes = {};
  for (const [name, { serverRelativeURL }] of Object.entries(sorted(index.paths))) {
    hashes[name] = serverRelativeURL.split('?hash=')[1];
    const document = await get(serverRelativeURL);
    documents[name] = Object.keys(document.components.schemas ?? {});
    for (const [schema, body] of Object.entries(document.components.schemas ?? {}))
      addSchema(schemas, descriptions, schema, body);
    paths.add(name, document.paths);
  }
  // the Swagger document alone lists all versions that kube-apiserver has types for, served or not
  const swagger = await get('/openapi/v2');
  const shared =
    swagger.definitions['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']['x-kubernetes-group-version-kind'];
  const versions = shared.map(({ group, version }) => `${group}/${version}`);
  write('openapi-facts', { kubernetes, versions, schemas: sorted(schemas), documents }, 2);
  write('openapi-descriptions', sorted(descriptions), 2);
  write('openapi-paths', paths.facts, 3);
  write('openapi-hashes', hashes, 1);
}

/** Adds a schema without its descriptions; of the kinds' schemas that differ between documents, all kinds are kept. */
function addSchema(schemas, descriptions, name, body) {
  const texts = {};
  const bare = withoutDescriptions(body, '', texts);
  if (Object.keys(texts).length > 0) descriptions[name] = texts;
  const kinds = 'x-kubernetes-group-version-kind';
  const known = schemas[name]?.[kinds] ?? [];
  const more = (bare[kinds] ?? []).filter((k) => !known.some((o) => JSON.stringify(o) === JSON.stringify(k)));
  schemas[name] = more.length + known.length === 0 ? bare : { ...bare, [kinds]: [...known, ...more] };
}

/** Moves descriptions of a schema and of its properties into `texts`, by property; `''` is the schema's own. */
function withoutDescriptions(schema, at, texts) {
  const { description, ...rest } = schema;
  if (description !== undefined) texts[at] = description;
  if (rest.properties === undefined) return rest;
  const properties = Object.entries(rest.properties).map(([name, property]) => {
    if (at !== '' || JSON.stringify({ ...property, description: 0 }).includes('"description":"'))
      throw new Error(`nested description in ${at}.${name}`);
    return [name, withoutDescriptions(property, name, texts)];
  });
  return { ...rest, properties: Object.fromEntries(properties) };
}

/** Paths with what repeats put into pools. */
class Paths {
  pools = { parameters: [], media: [], codes: [] };
  facts = { pools: this.pools, documents: {} };

  add(name, paths) {
    const entries = Object.entries(paths).map(([path, item]) => {
      const { parameters, ...methods } = item;
      const operations = Object.entries(methods).map(([method, operation]) => [method, this.operation(operation)]);
      return [
        path,
        {
          ...Object.fromEntries(operations),
          ...(parameters && { parameters: parameters.map((p) => this.pool('parameters', p)) }),
        },
      ];
    });
    this.facts.documents[name] = Object.fromEntries(entries);
  }

  operation(operation) {
    const { tags, operationId: id, description: does, parameters, requestBody, responses, ...rest } = operation;
    const { 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': gvk } = rest;
    const content = responses[200].content;
    return {
      tag: tags.join(),
      id,
      does,
      ...(action && { action }),
      ...(gvk && { kind: [gvk.group, gvk.version, gvk.kind].join('/') }),
      ...(parameters && { parameters: parameters.map((p) => this.pool('parameters', p)) }),
      ...(requestBody && {
        takes: schemaName(requestBody.content),
        as: this.pool('media', Object.keys(requestBody.content)),
        required: requestBody.required ?? false,
      }),
      gives: schemaName(content),
      in: this.pool('media', Object.keys(content)),
      codes: this.pool(
        'codes',
        Object.entries(responses).map(([code, r]) => `${code} ${r.description}`),
      ),
    };
  }

  pool(name, value) {
    const pool = this.pools[name];
    const text = JSON.stringify(value);
    const at = pool.findIndex((known) => JSON.stringify(known) === text);
    return at >= 0 ? at : pool.push(value) - 1;
  }
}

/** The schema that every media type of a content has; `string` where it is an inlined one. */
function schemaName(content) {
  const names = new Set(
    Object.values(content).map(({ schema }) => schema.$ref?.replace('#/components/schemas/', '') ?? schema.type),
  );
  if (names.size !== 1) throw new Error(`several schemas in a content: ${[...names]}`);
  return [...names][0];
}

const { gitVersion } = await get('/version');
const groups = await discovery(gitVersion);
await tables(groups);
await bootstrap(groups);
await openapi(gitVersion);
