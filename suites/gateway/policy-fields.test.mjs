// The page of policies is what servers check policies by, and its examples are good ones.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { parseYaml } from 'nekube/apimachinery';
import { start } from 'nekube/envtest';
import { PAGE, policyDefinitions, withTables } from './policy-fields.mjs';

const page = readFileSync(PAGE, 'utf8');
let env;
let definitions;
before(async () => {
  env = await start({ level: 'fake' });
  definitions = await policyDefinitions(env.client);
});
after(() => env.stop());

test('its tables are made of the schemas: node suites/gateway/policy-fields.mjs', () => {
  assert.equal(page, withTables(page, definitions));
});

for (const [, text] of page.matchAll(/```yaml\n([^`]*)```/g)) {
  const object = parseYaml(text);
  test(`its example of a ${object.kind} is taken as it stands`, async () => {
    const made = await env.client.create(object, { fieldValidation: 'Strict' });
    assert.deepEqual(made.spec, object.spec);
  });
}
