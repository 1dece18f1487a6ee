// The definitions of policies on this project's server and on the real one: they are established, they take what is a
// policy, and they refuse what is none, with the field and the fix.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { load, loadAll } from 'js-yaml';
import { isStatusError } from 'nekube/apimachinery';
import { API_VERSION, compilePolicy, DEFINITIONS } from 'nekube/fieldpolicy';
import { defineKind } from './define-kind.mjs';
import { servers, startCluster } from './servers.mjs';

const { accepted, refused } = load(readFileSync(new URL('testdata/policies.yaml', import.meta.url), 'utf8'));
const examples = new URL('../../examples/policies/', import.meta.url);

function policyOf({ cluster = false, spec: { match, ...spec } }) {
  const kind = cluster ? 'ClusterFieldPolicy' : 'FieldPolicy';
  const metadata = { name: 'one', ...(!cluster && { namespace: 'default' }) };
  const resources = [{ group: 'apps', kinds: ['Deployment'] }];
  return { apiVersion: API_VERSION, kind, metadata, spec: { ...spec, match: { resources, ...match } } };
}

function conflictOf(changes = {}) {
  const objectRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: '1' };
  const spec = {
    objectRef,
    manager: 'gitops',
    user: 'ci',
    policy: 'FieldPolicy default/one',
    configuration: '{}',
    conflicts: [{ path: '.spec.replicas', manager: 'hpa', live: '10', applied: '3' }],
    expirationTime: '2030-01-01T00:00:00Z',
    ...changes,
  };
  return { apiVersion: API_VERSION, kind: 'ApplyConflict', metadata: { name: 'one', namespace: 'default' }, spec };
}

for (const server of servers) {
  describe(`definitions of policies on ${server.name}`, { skip: server.skip }, () => {
    let cluster;
    let client;
    before(async () => {
      cluster = await startCluster(server);
      client = cluster.client;
      for (const definition of DEFINITIONS) await defineKind(client, definition);
    });
    after(() => cluster?.stop());

    const dryRun = (object) => client.create(object, { dryRun: true, fieldValidation: 'Strict' });

    test('they are established, and have structural schemas', async () => {
      for (const { apiVersion, kind, metadata } of DEFINITIONS) {
        const { status } = await client.get({ apiVersion, kind }, { name: metadata.name });
        const conditions = Object.fromEntries(status.conditions.map(({ type, status: is }) => [type, is]));
        assert.equal(conditions.Established, 'True', metadata.name);
        assert.equal(conditions.NonStructuralSchema, undefined);
      }
    });

    for (const one of accepted) {
      test(`taken: ${one.name}`, async () => {
        const policy = policyOf(one);
        await dryRun(policy);
        assert.deepEqual(compilePolicy(policy).problems, []);
      });
    }

    for (const one of refused) {
      test(`refused: ${one.name}`, async () => {
        const policy = policyOf(one);
        const error = await dryRun(policy).then(
          () => undefined,
          (thrown) => thrown,
        );
        assert.ok(isStatusError(error, 'Invalid'), String(error));
        const causes = error.status.details.causes.map(({ field, message }) => `${field}: ${message}`);
        // servers tell formats of numbers without a field
        const about = causes.filter((cause) => cause.startsWith(`${one.cause ?? one.field}: `));
        assert.ok(
          about.some((cause) => cause.includes(one.message)),
          JSON.stringify(causes),
        );
        // who reads policies from files must not take them either, and is told of the same field
        const { problems } = compilePolicy(policy);
        const top = one.field.split(/[.[]/).slice(0, 3).join('.');
        assert.ok(
          problems.some((problem) => problem.startsWith(top)),
          JSON.stringify([one.field, problems]),
        );
      });
    }

    test('of an ApplyConflict, the object and the manager stay as they are', async () => {
      const { metadata } = await client.create(conflictOf());
      const { resourceVersion } = metadata;
      const update = (spec) => {
        const object = conflictOf(spec);
        return client.update({ ...object, metadata: { ...object.metadata, resourceVersion } }, { dryRun: true });
      };
      await update({ decisions: [{ path: '.spec.replicas', decision: 'Force' }] });
      await assert.rejects(update({ manager: 'other' }), /spec.manager: .*must not change/);
      await assert.rejects(
        update({ objectRef: { ...conflictOf().spec.objectRef, name: 'api' } }),
        /spec.objectRef: .*must not change/,
      );
      await assert.rejects(update({ decisions: [{ path: '.spec', decision: 'Ask' }] }), /supported values/);
    });

    for (const file of readdirSync(examples).filter((name) => name.endsWith('.yaml'))) {
      test(`examples/policies/${file} is taken`, async () => {
        for (const policy of loadAll(readFileSync(new URL(file, examples), 'utf8'))) {
          await dryRun(policy.kind === 'FieldPolicy' ? inDefault(policy) : policy);
          assert.deepEqual(compilePolicy(policy).problems, []);
        }
      });
    }
  });
}

function inDefault(policy) {
  return { ...policy, metadata: { ...policy.metadata, namespace: 'default' } };
}
