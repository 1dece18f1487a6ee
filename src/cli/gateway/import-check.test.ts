import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type KubeObject, parseYaml, stringifyYaml, type JsonValue } from 'nekube/apimachinery';
import { importObjects } from 'nekube/gateway';
import { refusalsOfServer } from './server-check.ts';

const testdata = new URL('../../../src/gateway/import/testdata/', import.meta.url);

for (const file of readdirSync(testdata).filter((name) => name.endsWith('.in.yaml'))) {
  test(`what is imported of ${file} is what an API server takes`, () => {
    const documents = readFileSync(new URL(file, testdata), 'utf8').split(/^---$/m);
    const objects = documents.map((text) => parseYaml(text) as unknown as KubeObject);
    const imported = importObjects(objects, { gatewayClassName: 'nekube' }).objects.map((object) => {
      const text = stringifyYaml(object as unknown as JsonValue);
      return { object, place: file, document: { value: null, place: file, text, line: 1, path: [] } };
    });
    assert.deepEqual(refusalsOfServer(imported, 'experimental'), []);
  });
}
