import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import { POLICY_DEFINITIONS } from './crds.ts';

/** Plain words that YAML 1.1, which kubectl reads, takes for true and false. */
const YAML_BOOLEANS = /^(y|yes|n|no|true|false|on|off)$/i;

function* fieldNames(schema: JsonObject): Generator<string> {
  for (const [name, field] of Object.entries((schema['properties'] ?? {}) as Record<string, JsonObject>)) {
    yield name;
    yield* fieldNames(field);
  }
  if (schema['items'] !== undefined) yield* fieldNames(schema['items'] as JsonObject);
}

for (const definition of POLICY_DEFINITIONS)
  test(`no field of ${definition.metadata.name} is read by kubectl as another one`, () => {
    const { versions } = definition['spec'] as unknown as {
      versions: readonly { schema: { openAPIV3Schema: JsonObject } }[];
    };
    const names = versions.flatMap(({ schema }) => [...fieldNames(schema.openAPIV3Schema)]);
    assert.ok(names.length > 20);
    assert.deepEqual(
      names.filter((name) => YAML_BOOLEANS.test(name)),
      [],
    );
  });
