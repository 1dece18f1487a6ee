// What the audit says of operators whose answer is known. Each has the rights of its file in roles/ and no others: these are the smallest
// ones, since its work needs all of them, and they suffice, since it is refused nothing and does all that it is judged by.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from 'nekube/apimachinery';
import { auditOperator, roleManifests } from 'nekube/audit';
import { OPERATORS, operatorOf, Shop } from './operators.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const isUpdate = process.env.NEKUBE_UPDATE_GOLDENS !== undefined;
const sample = { ...Shop, metadata: { name: 'shop' }, spec: { colour: 'red', replicas: 2, settings: 'settings' } };
const HOME = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'operators' } };

const EXPECTED = {
  renderer: { verdict: 'render', because: ['stable'] },
  password: { verdict: 'render-with-secrets', because: ['random-secret'] },
  healer: { verdict: 'heal', because: ['heals'] },
  reader: { verdict: 'compose', because: ['reads-other'] },
  // without replicas the first is ready at once, and the second stays
  upgrader: { verdict: 'operate', because: ['history', 'follows-status'] },
  caller: { verdict: 'external', because: ['random'] },
  secretive: { verdict: 'compose', because: ['reads-other'] },
  later: { verdict: 'operate', because: ['time'] },
  historian: { verdict: 'operate', because: ['history'] },
  wanderer: { verdict: 'compose', because: ['foreign-namespace'] },
};

/** The smallest roles without what shows that they are needed, which has names that differ each time. */
function rolesText(roles, name) {
  const subject = { kind: 'ServiceAccount', name, namespace: 'operators' };
  return roleManifests(roles, name, subject).replace(/^ *#.*\n/gm, '');
}

/** What is granted: what the file of the operator says; all, to write it anew. */
function rightsOf(name) {
  if (!isUpdate) return documents(readFileSync(here(`roles/${name}.yaml`), 'utf8'));
  const everything = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  const subjects = [{ kind: 'ServiceAccount', name, namespace: 'operators' }];
  const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name } };
  return [{ ...binding, roleRef: everything, subjects }];
}

const documents = (text) => text.split(/^---$/m).map((one) => parseYaml(one));

describe('an operator is judged by what it does, with the smallest roles', { concurrency: 10 }, () => {
  test('each of them has an answer', () => assert.deepEqual(Object.keys(EXPECTED), Object.keys(OPERATORS)));

  for (const [name, { verdict, because }] of Object.entries(EXPECTED)) {
    test(`${name}: ${verdict}`, async () => {
      let asked = 0;
      const operator = operatorOf(name, { ask: async () => `answer ${++asked}` });
      const { judgement, findings, coverage, denied, roles, trail } = await auditOperator(operator, {
        manifests: [here('config/shops.yaml'), HOME, ...rightsOf(name)],
        sample,
        quietMs: 150,
        budgetMs: 800_000,
      });
      const told = JSON.stringify({ judgement, findings, coverage }, undefined, 1);
      assert.equal(judgement.verdict, verdict, told);
      assert.deepEqual([...new Set(judgement.because.map(({ aspect }) => aspect))], because, told);
      assert.deepEqual(denied, []);
      const refused = trail.filter(({ user, decision }) => user.name === operator.user.name && decision === 'denied');
      assert.deepEqual(refused, []);
      assert.deepEqual(coverage.gaps, [], told);
      if (isUpdate) writeFileSync(here(`roles/${name}.yaml`), rolesText(roles, name));
      else assert.equal(rolesText(roles, name), readFileSync(here(`roles/${name}.yaml`), 'utf8'));
    });
  }
});
