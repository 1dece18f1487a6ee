// Do published definitions of custom resources mean the same to nekube as to a real kube-apiserver? Installs each file
// on both, compares what they say of it and how they document it, and then what they say of objects that are made at
// random from its schemas: some good, some a little wrong.
//
//   node tools/compare-crds.mjs --oracle URL --nekube URL [--token T] [--objects 40] [--seed 1] FILE…
//
// Files are YAML of one definition or several. What is installed is removed again. Ends with the line
// `N compared, N differences` and a non-zero exit code if there are any.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { parseYaml } from 'nekube/apimachinery';
import { Connection } from '../suites/golden/http.mjs';
import { makeObject } from './crds/objects.mjs';
import { Random } from './fuzz/random.mjs';

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    oracle: { type: 'string' },
    nekube: { type: 'string' },
    token: { type: 'string', default: 'admintoken' },
    objects: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
});
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ESTABLISH_MS = 15_000;
const SETTLE_MS = 1500;

const servers = [options.oracle, options.nekube].map((url) => new Connection({ url, token: options.token }));
let compared = 0;
let differences = 0;

function send(server, step) {
  return server.request({ contentType: 'application/json', ...step }, {});
}

const both = (step) => Promise.all(servers.map((server) => send(server, step)));

/** What an answer says, without what is different on every server; causes in one order, since maps have none. */
function essence({ code, text, warnings }) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return { code, text };
  }
  if (code < 400) return { code, warnings: [...warnings].sort(), spec: body.spec, status: body.status?.conditions };
  const causes = (body.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`).sort();
  return { code, reason: body.reason, causes: causes.length > 0 ? causes : body.message };
}

function compare(what, [want, got], show = (value) => JSON.stringify(value)?.slice(0, 1500)) {
  compared++;
  if (isDeepStrictEqual(want, got)) return;
  differences++;
  console.log(`\nDIFFERENCE ${what}\n    want ${show(want)}\n    got  ${show(got)}`);
}

/** The first place at which two values differ. */
function firstDifference(want, got, path = '') {
  if (isDeepStrictEqual(want, got)) return undefined;
  const isNode = (value) => typeof value === 'object' && value !== null;
  if (!isNode(want) || !isNode(got)) return [path, want, got];
  for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
    const found = firstDifference(want[key], got[key], `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return [path, want, got];
}

async function established(name) {
  const end = Date.now() + ESTABLISH_MS;
  for (;;) {
    const answers = await both({ method: 'GET', path: `${DEFINITIONS}/${name}` });
    const done = answers.every(({ text }) => /"type":\s*"Established",\s*"status":\s*"True"/.test(text));
    if (done || Date.now() > end) return;
    await sleep(200);
  }
}

async function compareDefinition(definition) {
  const { name } = definition.metadata;
  const created = await both({ method: 'POST', path: DEFINITIONS, body: definition });
  const bare = created.map((answer) => ({ ...essence(answer), status: undefined }));
  compare(`installing ${name}`, bare);
  if (created.some(({ code }) => code !== 201)) return;
  await established(name);
  await sleep(SETTLE_MS);
  for (const version of definition.spec.versions.filter(({ served }) => served))
    await compareVersion(definition, version);
}

async function compareVersion({ spec }, version) {
  const { group, names, scope } = spec;
  const apiVersion = `${group}/${version.name}`;
  const documents = await both({ method: 'GET', path: `/openapi/v3/apis/${apiVersion}` });
  const [want, got] = documents.map(({ text }) => JSON.parse(text));
  compare(`the document of ${apiVersion}`, [undefined, firstDifference(want, got)]);
  const collection = scope === 'Namespaced' ? `namespaces/default/${names.plural}` : names.plural;
  const path = `/apis/${apiVersion}/${collection}`;
  const schema = version.schema.openAPIV3Schema;
  const random = new Random(Number(options.seed));
  for (let i = 0; i < Number(options.objects); i++) {
    const body = { apiVersion, kind: names.kind, metadata: { name: 'a' }, ...makeObject(schema, random) };
    const answers = await both({ method: 'POST', path, query: { dryRun: 'All' }, body });
    const before = differences;
    compare(`a ${names.kind} of ${apiVersion}`, answers.map(essence));
    if (differences > before) console.log(`    ${JSON.stringify(body)}`);
  }
}

for (const file of files) {
  for (const text of readFileSync(file, 'utf8').split(/^---$/m)) {
    const definition = text.trim() === '' ? undefined : parseYaml(text);
    if (definition?.kind !== 'CustomResourceDefinition') continue;
    await compareDefinition(definition);
    await both({ method: 'DELETE', path: `${DEFINITIONS}/${definition.metadata.name}` });
  }
}
servers.forEach((server) => server.close());
console.log(`\n${compared} compared, ${differences} differences`);
process.exitCode = differences > 0 ? 1 : 0;
