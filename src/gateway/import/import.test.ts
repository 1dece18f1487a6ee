import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type JsonObject, type KubeObject, parseYaml, stringifyYaml } from 'nekube/apimachinery';
import { INGRESS_ANNOTATIONS } from './ingress-annotations.ts';
import { importObjects } from './import.ts';
import { Reading } from './reading.ts';
import { nameOf } from './result.ts';

const folder = fileURLToPath(new URL('../../../src/gateway/import/testdata/', import.meta.url));
const update = process.env.NEKUBE_UPDATE_GOLDENS !== undefined;

for (const file of readdirSync(folder).filter((name) => name.endsWith('.in.yaml'))) {
  const name = file.slice(0, -'.in.yaml'.length);
  test(`resources of ${name} become these of Gateway API, and what has no equivalent is told`, () => {
    const documents = readFileSync(`${folder}${file}`, 'utf8').split(/^---$/m);
    const { objects, findings } = importObjects(
      documents.map((document) => parseYaml(document) as unknown as KubeObject),
      { gatewayClassName: 'nekube' },
    );
    const told = findings.map(
      ({ source, path, type, message }) =>
        `${type} ${source.kind} ${source.namespace}/${source.name} ${path}: ${message}`,
    );
    const text = stringifyYaml({ objects, findings: told } as unknown as JsonObject);
    const golden = `${folder}${name}.out.yaml`;
    if (update) writeFileSync(golden, text);
    assert.equal(text, readFileSync(golden, 'utf8'));
  });
}

test('what nobody reads of a value is known by its path', () => {
  const reading = new Reading({ a: { b: 1, c: [{ d: 2, e: 3 }, 4] }, f: null, 'g/h': 5, empty: {} });
  reading.at('a').at('c').items()[0]!.at('d').number();
  assert.deepEqual(reading.unread(), ['a.b', 'a.c[0].e', 'a.c[1]', '[g/h]']);
  reading.at('a').take();
  assert.deepEqual(reading.unread(), ['[g/h]']);
});

test('the documentation has a row for each annotation that is understood', () => {
  const path = fileURLToPath(new URL('../../../docs/gateway-import.md', import.meta.url));
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const documented = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  assert.deepEqual(documented.sort(), [...INGRESS_ANNOTATIONS].sort());
});

const ingress = (name: string, host: string, service: string, secretName?: string): KubeObject =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'default', name },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host,
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { number: 80 } } } }],
          },
        },
      ],
      ...(secretName !== undefined && { tls: [{ hosts: [host], secretName }] }),
    },
  }) as unknown as KubeObject;

function errorsOf(...objects: readonly KubeObject[]): string[] {
  const { findings } = importObjects(objects, { gatewayClassName: 'nekube' });
  return findings
    .filter(({ type }) => type === 'error')
    .map(({ source, path }) => `${source.kind} ${source.name} ${path}`);
}

test('resources that become objects of one name are told of', () => {
  const made = errorsOf(ingress('shop', 'eu-shop.example', 'one'), ingress('shop-eu', 'shop.example', 'two'));
  assert.deepEqual(made, ['HTTPRoute shop-eu-shop.example metadata.name']);
});

test('a host that two want with different certificates is told of, and one that they want alike is not', () => {
  const one = ingress('one', 'shop.example', 'one', 'first');
  assert.deepEqual(errorsOf(one, ingress('two', 'shop.example', 'two', 'second')), ['Gateway nginx spec.listeners']);
  assert.deepEqual(errorsOf(one, ingress('two', 'shop.example', 'two', 'first')), []);
});

test('names have 253 characters at most, and long ones that are unlike stay so', () => {
  const long = 'a'.repeat(253);
  assert.equal(nameOf(long), long);
  const names = [nameOf(`${long}b`), nameOf(`${long}c`)];
  assert.notEqual(names[0], names[1]);
  for (const name of names) assert.ok(name.length <= 253);
});

test('times between reads and writes are changed, which is told where there are some', () => {
  const changed = (annotations: Record<string, string>): string[] => {
    const object = ingress('shop', 'shop.example', 'one');
    const { objects, findings } = importObjects([{ ...object, metadata: { ...object.metadata, annotations } }], {
      gatewayClassName: 'nekube',
    });
    const timeouts = objects.flatMap((one) => {
      const { spec } = one as unknown as { spec: { timeouts?: object; rules?: { timeouts?: object }[] } };
      return [spec.timeouts, ...(spec.rules ?? []).map((rule) => rule.timeouts)].flatMap((found) => found ?? []);
    });
    return [...findings.map(({ type, path }) => `${type} ${path}`), ...timeouts.map((one) => JSON.stringify(one))];
  };
  const prefix = 'nginx.ingress.kubernetes.io/proxy-';
  const told = `changed metadata.annotations[${prefix}read-timeout]`;
  assert.deepEqual(changed({}), []);
  const both = changed({ [`${prefix}read-timeout`]: '60', [`${prefix}send-timeout`]: '30' });
  assert.equal(both[0], told);
  assert.match(both.slice(1).join(), /60s/);
  assert.equal(changed({ [`${prefix}send-timeout`]: '30' })[0], told);
});
