// Records what a kube-apiserver answers to the scenarios of src/apiserver/field-manager/testdata/*.yaml.
//
//   node tools/record-field-managers.mjs [FILE.yaml…]              starts the oracle (see tools/oracle.mjs)
//   node tools/record-field-managers.mjs --url URL --token TOKEN   uses a running server
//
// A second passes between steps, since managedFields are sorted by whole seconds. In the recordings, times are the number of
// the step that set them, from 1; other times stay as they are.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from 'js-yaml';
import { call } from '../suites/call.mjs';
import { startOracle } from './oracle.mjs';

const testdata = fileURLToPath(new URL('../src/apiserver/field-manager/testdata/', import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string' }, token: { type: 'string' } },
});
const server = options.url ? { url: options.url, token: options.token, stop() {} } : await startOracle();

const kinds = {
  configmaps: 'ConfigMap',
  deployments: 'Deployment',
  services: 'Service',
  horizontalpodautoscalers: 'HorizontalPodAutoscaler',
};

/** A step as a request. */
function requestOf(step, resource, namespace) {
  const [verb, how] = Object.entries(step)[0];
  const parts = (how.resource ?? resource).split('/');
  const plural = parts.pop();
  const root = `${parts.length === 1 ? '/api' : '/apis'}/${parts.join('/')}/namespaces/${namespace}/${plural}`;
  const query = new URLSearchParams({
    fieldManager: how.manager,
    ...(verb === 'apply' && { force: how.force ?? false }),
  });
  const item = `${root}/a${how.subresource ? `/${how.subresource}` : ''}?${query}`;
  if (verb === 'get') return ['GET', `${root}/a`];
  if (verb === 'patch') return ['PATCH', item, how.patch, 'application/merge-patch+json'];
  const ofScale = how.subresource === 'scale' && { apiVersion: 'autoscaling/v1', kind: 'Scale' };
  const object = { apiVersion: parts.join('/'), kind: kinds[plural], ...ofScale, ...how.object };
  if (typeof (object.metadata ?? {}) === 'object') object.metadata = { name: 'a', ...object.metadata };
  if (verb === 'apply') return ['PATCH', item, object, 'application/apply-patch+yaml'];
  return verb === 'create' ? ['POST', `${root}?${query}`, object] : ['PUT', item, object];
}

/** What of an answer is recorded. */
function expectation({ code, body }, seconds, before) {
  if (code >= 300) return { code, message: body.message, ...(body.details?.causes && { causes: body.details.causes }) };
  const { metadata, data } = body;
  const stepOf = (time) => (seconds.has(time) ? seconds.get(time) : time);
  return {
    code,
    unchanged: metadata.resourceVersion === before,
    managedFields: (metadata.managedFields ?? []).map(({ time, ...entry }) => ({
      ...entry,
      ...(time && { time: stepOf(time) }),
    })),
    ...(metadata.labels && { labels: metadata.labels }),
    ...(metadata.annotations && { annotations: metadata.annotations }),
    ...(data && { data }),
  };
}

async function record(scenario, namespace) {
  await call(server, 'POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  const seconds = new Map();
  const expected = [];
  let version;
  for (const [i, step] of scenario.steps.entries()) {
    await sleep(1000 - (Date.now() % 1000) + 20);
    seconds.set(`${new Date().toISOString().slice(0, 19)}Z`, i + 1);
    const answer = await call(server, ...requestOf(step, scenario.resource ?? 'v1/configmaps', namespace));
    const text = JSON.stringify(expectation(answer, seconds, version)).replaceAll(namespace, 'NAMESPACE');
    expected.push(JSON.parse(text));
    version = answer.body.metadata?.resourceVersion ?? version;
  }
  return expected;
}

const files =
  positionals.length > 0
    ? positionals
    : readdirSync(testdata)
        .filter((f) => f.endsWith('.yaml'))
        .map((f) => join(testdata, f));
for (const file of files) {
  const scenarios = load(readFileSync(file, 'utf8'));
  const run = Date.now().toString(36);
  const recorded = await Promise.all(scenarios.map((s, i) => record(s, `fm-${basename(file, '.yaml')}-${i}-${run}`)));
  const lines = scenarios.map(
    (s, i) => `  ${JSON.stringify(s.name)}: [\n${recorded[i].map((e) => `    ${JSON.stringify(e)}`).join(',\n')}\n  ]`,
  );
  writeFileSync(file.replace(/\.yaml$/, '.recorded.json'), `{\n${lines.join(',\n')}\n}\n`);
}
await server.stop();
