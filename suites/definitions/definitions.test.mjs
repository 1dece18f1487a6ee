// The CustomResourceDefinitions of all our kinds, on a server: they are taken as they are, and `kubectl explain` has words for each.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { OPERATOR_AUDIT_DEFINITION } from 'nekube/audit';
import { untilServed } from 'nekube/client';
import { start } from 'nekube/envtest';
import { DEFINITIONS } from 'nekube/fieldpolicy';
import { FEATURE_LIST_DEFINITION, KEP_DEFINITION, KEP_SYNC_DEFINITION, KEP_TEXT_DEFINITION } from 'nekube/kep';
import { WEEKLY_DEFINITIONS } from 'nekube/weekly';

const ALL = [
  ...[KEP_DEFINITION, KEP_TEXT_DEFINITION, KEP_SYNC_DEFINITION, FEATURE_LIST_DEFINITION, OPERATOR_AUDIT_DEFINITION],
  ...[...WEEKLY_DEFINITIONS, ...DEFINITIONS],
];

describe('the definitions of our kinds', () => {
  let env;
  before(async () => {
    env = await start();
  });
  after(() => env?.stop());

  for (const definition of ALL) {
    const { group, names, versions } = definition.spec;
    const [{ name: version }] = versions;
    test(`${names.kind} is taken as it is, and says what it is, what its spec and what its status are`, async () => {
      await env.client.create(definition, { fieldValidation: 'Strict' });
      await untilServed(env.client, { apiVersion: `${group}/${version}`, kind: names.kind });
      const live = await env.client.get(definition, { name: definition.metadata.name });
      assert.equal(
        live.status.conditions.find(({ type }) => type === 'NonStructuralSchema'),
        undefined,
      );
      const schema = live.spec.versions[0].schema.openAPIV3Schema;
      assert.match(schema.description, new RegExp(`^An? ${names.kind} [^]+\\.$`));
      for (const field of ['spec', 'status'])
        if (schema.properties[field] !== undefined)
          assert.match(schema.properties[field].description ?? '', /^[A-Z][^]+\.$/, field);
    });
  }
});
