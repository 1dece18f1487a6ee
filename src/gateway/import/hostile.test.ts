import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type KubeObject, parseYaml } from 'nekube/apimachinery';
import { importObjects } from './import.ts';

const folder = fileURLToPath(new URL('../../../src/gateway/import/testdata/', import.meta.url));
/** What stands in a file where something else is meant. */
const WRONG: readonly unknown[] = [null, 5, 'text', true, {}, [null], [5], [{}]];

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  const below = Array.isArray(value)
    ? value.flatMap((one, i) => pathsOf(one, [...path, i]))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))
      : [];
  return path.length === 0 ? below : [path, ...below];
}

function withValue(object: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(object);
  const last = path.at(-1)!;
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string | number, unknown>)[key], copy);
  (parent as Record<string | number, unknown>)[last] = value;
  return copy;
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.in.yaml'))) {
  test(`whatever stands anywhere in ${file}, what is around it is imported`, () => {
    const objects = readFileSync(`${folder}${file}`, 'utf8')
      .split(/^---$/m)
      .map((document) => parseYaml(document) as unknown as KubeObject);
    const failed = new Set<string>();
    for (const [i, object] of objects.entries()) {
      for (const path of pathsOf(object)) {
        if (path[0] === 'apiVersion' || path[0] === 'kind' || (path[0] === 'metadata' && path.length < 3)) continue;
        for (const wrong of WRONG) {
          const changed = objects.with(i, withValue(object, path, wrong) as KubeObject);
          try {
            importObjects(changed, { gatewayClassName: 'nekube' });
          } catch (error) {
            failed.add(`${object.kind} ${path.join('.')}: ${JSON.stringify(wrong)}: ${(error as Error).message}`);
          }
        }
      }
    }
    assert.deepEqual([...failed], []);
  });
}
