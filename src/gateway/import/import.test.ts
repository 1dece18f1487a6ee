import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type JsonObject, type KubeObject, parseYaml, stringifyYaml } from 'nekube/apimachinery';
import { INGRESS_ANNOTATIONS } from './ingress-annotations.ts';
import { importObjects } from './import.ts';
import { Reading } from './reading.ts';

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
