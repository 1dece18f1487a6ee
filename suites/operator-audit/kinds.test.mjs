// What the audit says of operators that work on several kinds: of each kind what is known of it, of the operator the strongest, with the
// smallest roles that do for all kinds together (roles/NAME.yaml), and no others.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from 'nekube/apimachinery';
import { auditKinds, reportOf, reportPage, roleManifests } from 'nekube/audit';
import { WITH_KINDS } from './kinds-operators.mjs';
import { Estate, operatorOf, Shop } from './operators.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const isUpdate = process.env.NEKUBE_UPDATE_GOLDENS !== undefined;
const HOME = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'operators' } };
const [SHOPS, MALLS] = ['shops.shop.example', 'malls.shop.example'];
/** Malls have none: theirs is made by the schema. */
const SAMPLE = { ...Shop, metadata: { name: 'shop' }, spec: { colour: 'red', replicas: 2, settings: 'settings' } };

/** The verdict of each kind, of the operator, and who decided. */
const EXPECTED = {
  builder: { shops: 'render', malls: 'operate', verdict: 'operate', by: [MALLS] },
  porter: { shops: 'render', malls: 'compose', verdict: 'compose', by: [MALLS] },
  latecomer: { shops: 'render', malls: 'operate', verdict: 'operate', by: [MALLS] },
  twins: { shops: 'render', malls: 'external', verdict: 'external', by: [MALLS] },
};

/** What is granted: what the file of the operator says; all where it has none, and to write it anew. */
function rightsOf(name) {
  if (EXPECTED[name] !== undefined && !isUpdate) {
    const documents = readFileSync(here(`roles/${name}.yaml`), 'utf8').split(/^---$/m);
    return documents.map((one) => parseYaml(one));
  }
  const everything = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name } };
  return [{ ...binding, roleRef: everything, subjects: [subjectOf(name)] }];
}

const subjectOf = (name) => ({ kind: 'ServiceAccount', name, namespace: 'operators' });

/** The report of an audit of all kinds. */
async function audited(name, options = {}) {
  let asked = 0;
  const operator = operatorOf(name, { ask: async () => `answer ${++asked}` }, WITH_KINDS[name]);
  const told = [];
  const result = await auditKinds(operator, {
    manifests: [here('config/shops.yaml'), here('malls.yaml'), HOME, ...rightsOf(name)],
    samples: [SAMPLE],
    quietMs: 150,
    budgetMs: 480_000,
    onProgress: (text) => told.push(text),
    ...options,
  });
  const roles = roleManifests(result.roles, name, subjectOf(name));
  const input = { operator: { command: [name], user: operator.user.name }, startedAt: new Date(), tookMs: 1 };
  return { result, told, report: reportOf({ result, assessed: [], roles, ...input }) };
}

describe('an operator of several kinds is judged by each of them', { concurrency: 3 }, () => {
  for (const [name, { shops, malls, verdict, by }] of Object.entries(EXPECTED)) {
    test(`${name}: ${verdict}`, async () => {
      const { report, result, told } = await audited(name);
      const found = report.findings.map(({ requests: _, ...finding }) => finding);
      const all = JSON.stringify({ found, coverage: report.coverage }, undefined, 1);
      const verdicts = Object.fromEntries(report.kinds.map((one) => [one.kind, one.verdict]));
      assert.deepEqual(verdicts, { [SHOPS]: shops, [MALLS]: malls }, all);
      assert.deepEqual([report.verdict, report.decidedBy], [verdict, by], all);
      // what is found of one kind is not told of the other
      assert.deepEqual([...new Set(report.because.map(({ kind }) => kind))], by);
      assert.deepEqual(
        report.kinds.map((one) => [one.kind, one.isSampleMade]),
        [
          [SHOPS, false],
          [MALLS, true],
        ],
      );
      assert.deepEqual(report.coverage.kinds.others, []);
      assert.deepEqual(report.coverage.gaps, [], all);
      assert.doesNotMatch(report.coverage.limits.join('\n'), /as well|was not probed/);
      assert.deepEqual(report.denied, []);
      for (const kind of [SHOPS, MALLS]) assert.ok(told.includes(`${kind}: a resource is made`), told.join('\n'));
      const smallest = report.roles.replace(/^ *#.*\n/gm, '');
      if (isUpdate) writeFileSync(here(`roles/${name}.yaml`), smallest);
      else assert.equal(smallest, readFileSync(here(`roles/${name}.yaml`), 'utf8'));
      assert.equal(result.kinds.length, 2);
      assert.match(reportPage(report), /id="kind-2"/);
    });
  }

  test('and of no more than those that are asked for', async () => {
    const { report } = await audited('builder', { kinds: [SHOPS] });
    assert.deepEqual([report.verdict, report.decidedBy, report.kinds.length], ['render', [SHOPS], 1]);
    assert.deepEqual(report.coverage.kinds.others, [{ kind: MALLS, isAskedFor: true }]);
  });

  test('what a controller watches for another kind, or makes of that, tells nothing against one that is rendered', async () => {
    const { report } = await audited('partners');
    const all = JSON.stringify({ findings: report.findings, coverage: report.coverage }, undefined, 1);
    const told = report.kinds.map(({ kind, verdict, confidence }) => [kind, verdict, confidence]);
    const expected = [
      [SHOPS, 'render', 'high'],
      [MALLS, 'render', 'high'],
    ];
    assert.deepEqual(told, expected, all);
    assert.deepEqual(
      [report.coverage.limits, report.findings.filter(({ aspect }) => /others|other/.test(aspect))],
      [[], []],
      all,
    );
  });

  test('a sample that is made has what goes together, where some of what may be excludes other', async () => {
    const mall = parseYaml(readFileSync(here('malls.yaml'), 'utf8'));
    const { spec } = mall.spec.versions[0].schema.openAPIV3Schema.properties;
    spec.properties.wing = { type: 'string' };
    spec['x-kubernetes-validations'] = [{ rule: '!has(self.floor) || !has(self.wing)', message: 'floor or wing' }];
    const { report, result } = await audited('builder', {
      manifests: [here('config/shops.yaml'), mall, HOME, ...rightsOf('builder')],
      samples: [],
      kinds: [MALLS],
    });
    const all = JSON.stringify(report.coverage, undefined, 1);
    assert.deepEqual([report.kinds[0].verdict, report.kinds[0].isSampleMade], ['operate', true], all);
    assert.deepEqual(result.kinds[0].sample.spec, { floor: 1 });
  });

  test('what is done in a namespace that is called after a resource is done for it alone', async () => {
    const manifests = [here('config/shops.yaml'), here('estates.yaml'), HOME, ...rightsOf('landlord')];
    // of the seat the schema does not say what the server takes
    const estate = {
      ...Estate,
      metadata: { name: 'park' },
      spec: { seat: 'seat of kings', steward: 'ann', gardens: 2 },
    };
    const { report } = await audited('landlord', { manifests, samples: [SAMPLE, estate] });
    const all = JSON.stringify({ findings: report.findings, coverage: report.coverage }, undefined, 1);
    const known = report.kinds.map(({ kind, verdict, coverage }) => [kind, verdict, coverage.leaves.withoutEffect]);
    const expected = [
      [SHOPS, 'render', ['/settings']],
      ['estates.shop.example', 'compose', ['/seat', '/gardens']],
    ];
    assert.deepEqual(known, expected, all);
    const [{ evidence }] = report.because;
    assert.deepEqual(evidence, ['namespaces estate-‹name›', 'configmaps estate-‹name›/deed'], all);
    assert.doesNotMatch(report.coverage.limits.join('\n'), /neither made nor changed/);
  });

  test('a chart for all of it is not claimed where nothing is made of a kind that it watches', async () => {
    const { report } = await audited('idler');
    const verdicts = report.kinds.map(({ verdict }) => verdict);
    assert.deepEqual([verdicts, report.verdict, report.decidedBy], [['render', 'unknown'], 'unknown', [MALLS]]);
  });

  test('what was not reached is said, and those that were are judged', async () => {
    const asked = new AbortController();
    const { report } = await audited('builder', {
      signal: asked.signal,
      onProgress: (text) => {
        if (text === `${MALLS}: it is started`) asked.abort();
      },
    });
    assert.deepEqual(
      report.coverage.kinds.others.map(({ kind, why }) => [kind, why]),
      [[MALLS, 'it was interrupted']],
    );
    assert.deepEqual([report.kinds[0].verdict, report.verdict], ['render', 'unknown']);
    assert.match(report.coverage.gaps.join('\n'), /malls\.shop\.example was not probed: it was interrupted/);
    assert.match(report.roles, /^# What it needs for malls\.shop\.example is not among these/);
  });
});
