// Records what a kube-apiserver answers to the steps of src/api/rules/testdata/**/*.json, into those files.
//
//   node tools/record-rules.mjs --url https://127.0.0.1:6443 --token TOKEN [FILE…]
//
// The server runs without the admission plugins that change objects, since these are no rules: --disable-admission-
// plugins=ServiceAccount,Priority,DefaultTolerationSeconds,StorageObjectInUseProtection,TaintNodesByCondition,
// DefaultStorageClass,RuntimeClass, and with --service-cluster-ip-range=10.0.0.0/24 --allow-privileged=true.
//
// A file is a list of steps, run in order in a namespace of its own called `rules`:
//   {name, resource: "networking.k8s.io/v1/ingresses", create: OBJECT}       apiVersion, kind, namespace are filled in
//   {name, resource, update: MERGE PATCH, subresource?}                      PUT of the stored object, so changed
//   {name, resource, delete: true}                                           makes room; nothing is recorded
// `metadata.name` is "a" where a step gives none; a create replaces an object of the same name.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { call as callServer } from '../suites/call.mjs';

const testdata = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src/api/rules/testdata');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string' }, token: { type: 'string' } },
});
const namespace = 'rules';
const kinds = new Map();

/** Sends a request; gives {code, warnings, body}. */
async function call(method, path, body) {
  const answer = await callServer(options, method, path, body);
  return { ...answer, warnings: [answer.headers.warning ?? []].flat().flatMap(parseWarnings) };
}

/** The texts of a Warning header: `299 - "text", 299 - "text"`. */
function parseWarnings(header) {
  return [...header.matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map((m) => m[1].slice(1, -1).replace(/\\(.)/g, '$1'));
}

/** Where a resource lives, what its objects are, and whether they have a namespace. */
async function lookUp(resource) {
  const parts = resource.split('/');
  const root = parts.length === 2 ? `/api/${parts[0]}` : `/apis/${parts[0]}/${parts[1]}`;
  if (!kinds.has(root)) kinds.set(root, (await call('GET', root)).body.resources);
  const facts = kinds.get(root).find((r) => r.name === parts.at(-1));
  if (!facts) throw new Error(`unknown resource ${resource}`);
  const collection = facts.namespaced ? `${root}/namespaces/${namespace}/${facts.name}` : `${root}/${facts.name}`;
  return { ...facts, apiVersion: parts.slice(0, -1).join('/'), collection };
}

/** RFC 7386. */
function mergePatch(target, patch) {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const out = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = mergePatch(out[key], value);
  }
  return out;
}

/** Replaces what differs from run to run: times near now, UIDs that no step asked for, and allocated addresses and ports no step asked for. */
class Normaliser {
  #asked = '';
  #addresses = new Map();
  #ports = new Map();

  ask(body) {
    this.#asked += JSON.stringify(body);
  }

  text(text) {
    return text
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (t) =>
        Math.abs(Date.now() - Date.parse(t)) < 6e5 ? '<time>' : t,
      )
      .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (uid) => (this.#asked.includes(uid) ? uid : '<uid>'))
      .replace(/\b10\.0\.0\.\d+\b/g, (ip) => this.#number(this.#addresses, ip, (n) => `10.0.0.${100 + n}`));
  }

  value(value, key) {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number' && /[nN]odePort$/.test(key ?? ''))
      return Number(this.#number(this.#ports, String(value), (n) => 31000 + n));
    if (Array.isArray(value)) return value.map((v) => this.value(v, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, this.value(v, k)]));
  }

  object({
    apiVersion,
    kind,
    metadata: { uid, resourceVersion, creationTimestamp, managedFields, namespace: _, ...metadata },
    ...rest
  }) {
    return this.value({ metadata, ...rest });
  }

  #number(map, value, make) {
    if (!map.has(value)) {
      if (this.#asked.includes(value)) return value;
      map.set(value, make(map.size + 1));
    }
    return map.get(value);
  }
}

/** Deletes at once; without controllers, namespaces and what has finalizers wait for somebody to finalize them. */
async function remove(path) {
  const { body } = await call('DELETE', path, { gracePeriodSeconds: 0, propagationPolicy: 'Background' });
  if (body.kind === 'Namespace') await call('PUT', `${path}/finalize`, { ...body, spec: {} });
  else if (body.metadata?.finalizers) await call('PUT', path, mergePatch(body, { metadata: { finalizers: null } }));
}

/** Runs one step; gives what is recorded. */
async function run(step, stored, normaliser) {
  const resource = await lookUp(step.resource);
  const given = step.create ?? step.update ?? {};
  const name = given.metadata?.name ?? (given.metadata?.generateName ? undefined : 'a');
  const key = `${step.resource}/${name}`;
  const path = `${resource.collection}/${encodeURIComponent(name)}`;
  if (step.create || step.delete) await remove(path);
  if (step.delete) return undefined;
  normaliser.ask(given);
  const filled = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name, ...(resource.namespaced && { namespace }) },
  };
  const answer = step.create
    ? await call('POST', resource.collection, mergePatch(filled, step.create))
    : await call(
        'PUT',
        step.subresource ? `${path}/${step.subresource}` : path,
        mergePatch(stored.get(key), step.update),
      );
  const { code, warnings, body } = answer;
  const shown = warnings.length > 0 ? { warnings: warnings.map((w) => normaliser.text(w)) } : {};
  if (body.kind === 'Status') {
    const { message, details } = body;
    const causes = details?.causes ? { causes: normaliser.value(details.causes) } : {};
    return { code, message: normaliser.text(message), ...causes, ...shown };
  }
  stored.set(key, body);
  if (step.create) created.push(path);
  return { code, ...shown, object: normaliser.object(body) };
}

let created = [];

async function record(file) {
  const steps = JSON.parse(readFileSync(file, 'utf8'));
  const [stored, normaliser] = [new Map(), new Normaliser()];
  created = [];
  for (const step of steps) {
    const recorded = await run(step, stored, normaliser);
    delete step.recorded;
    if (recorded) step.recorded = recorded;
  }
  for (const path of created) await remove(path);
  writeFileSync(file, print(steps));
  console.log(`${file}: ${steps.length} steps`);
}

/** One line a part of a step, so that a diff shows what changed. */
function print(steps) {
  const parts = (step) => Object.entries(step).map(([k, v]) => `    ${JSON.stringify(k)}: ${JSON.stringify(v)}`);
  return `[\n${steps.map((step) => `  {\n${parts(step).join(',\n')}\n  }`).join(',\n')}\n]\n`;
}

const walk = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)],
  );
const files = positionals.length > 0 ? positionals : walk(testdata).filter((f) => f.endsWith('.json'));
await call('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
for (const file of files) await record(file);
