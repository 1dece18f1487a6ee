// What the audit says of operators that are made to deceive it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { auditOperator } from 'nekube/audit';
import { DECOYS, operatorOf, Shop } from './operators.mjs';

const shops = fileURLToPath(new URL('config/shops.yaml', import.meta.url));
const malls = fileURLToPath(new URL('malls.yaml', import.meta.url));
const sample = { ...Shop, metadata: { name: 'shop' }, spec: { colour: 'red', replicas: 2, settings: 'settings' } };

/** They may all, so that nothing but what they do tells of them. */
const rightsOf = (name) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name, namespace: 'operators' }],
});

/** The verdict, an aspect that must be found, and what must be told of it. */
const EXPECTED = {
  keeper: ['operate', 'acts-on-deletion', /‹name›-kept: made/],
  seventh: ['compose', 'reads-other', /replicas (is 7|changed)/],
  both: ['compose', 'reads-other', /colour="green" \/replicas=0/],
  counter: ['operate', 'history', /data\/number/],
  firstborn: ['compose', 'reads-other', /others of its kind/],
  census: ['compose', 'reads-other', /a node comes/],
  waker: ['operate', 'restart', /data\/awake/],
  third: ['operate', 'history', /in between, [23] times/],
  nurse: ['operate', 'follows-status', /crashes again and again; then configmaps/],
  ager: ['operate', 'time', /a resource that is 25 hours old/],
  trespasser: ['compose', 'crosses-namespaces', /it reads configmaps OTHER\/settings/],
  tired: ['operate', 'time', /15 minutes, and a resource is made then/],
  elder: ['compose', 'reads-other', /another of its kind is in its namespace/],
  retrier: ['operate', 'follows-status', /jobs.batch .* failed; then configmaps .*-retry: made/],
  dawdler: ['render', 'stable', /2 objects are written alike/],
  repeater: ['heal', 'heals', /time goes by|was edited, and written again/],
  nightly: ['operate', 'time', /20 hours more/],
  weekly: ['operate', 'time', /20 hours more/],
  collector: ['compose', 'reads-other', /with configmaps with discount=all,for=‹name› .*: .*discounts/],
  locksmith: ['compose', 'reads-other', /with secrets .*with type=shop.example\/key.*: .*keys/],
  tenant: ['compose', 'reads-other', /malls.shop.example settings changed; then .*floor|with malls.*floor/],
  landlord: ['render', 'stable', /written alike/],
  babbler: ['heal', 'heals', /was edited, and written again/],
  cutter: ['render', 'uses-metadata', /its name is long/],
  founder: ['operate', 'history', /changed when it is there: .*colour/],
  asker: ['operate', 'follows-status', /conditions are True by others; then configmaps .*-opened: made/],
  hoarder: ['compose', 'reads-other', /got something from others; then configmaps .*-more: .*more/],
  adopter: ['compose', 'reads-other', /with the labels that it gives are there: .*near/],
  novelist: ['compose', 'reads-other', /settings is a long text.*preface/],
  sleeper: ['render', 'uses-metadata', /usual annotations .*paused.*: nothing is made/],
  renewer: ['operate', 'time', /time goes by: 90 days: secrets .*key is made anew/],
  labeller: ['compose', 'edits-others', /patch namespaces ‹namespace›/],
  sweeper: [
    'render',
    'stable',
    /written alike/,
    /deletes what was not there, and what it never made: delete configmaps .*forbidden/,
  ],
  scribe: ['compose', 'writes-own-spec', /it writes spec\/settings of its own resource/],
  annotator: ['compose', 'writes-own-spec', /it writes spec\/settings of its own resource/],
  finisher: ['render', 'finalizer', /finalizer shop.example\/last/],
  settler: ['compose', 'heals', /namespaces settled-‹name› was deleted, and made again/],
  guest: ['compose', 'reads-other', /with configmaps settings .*: configmaps ‹namespace›\/‹name›: made/],
  gambler: ['external', 'random', /its name is long: .*dice/],
};

/** So that none is given up on a busy machine: what an audit could not do in its time, it could not find. */
const BUDGET_MS = 800_000;

describe('an operator that deceives is found out', { concurrency: 8 }, () => {
  test('each of them has an answer', () => assert.deepEqual(Object.keys(EXPECTED), Object.keys(DECOYS)));

  for (const [name, [verdict, aspect, told, limit]] of Object.entries(EXPECTED)) {
    test(`${name}: ${verdict}, since it ${aspect}`, async () => {
      const { judgement, findings, coverage } = await auditOperator(operatorOf(name), {
        manifests: [shops, malls, rightsOf(name)],
        sample,
        quietMs: 150,
        budgetMs: BUDGET_MS,
      });
      const plain = findings.map(({ requests: _, ...finding }) => finding);
      const all = JSON.stringify({ verdict: judgement.verdict, plain, gaps: coverage.gaps }, undefined, 1);
      assert.equal(judgement.verdict, verdict, all);
      const found = plain.filter((finding) => finding.aspect === aspect);
      assert.ok(found.length > 0, all);
      if (limit !== undefined) assert.match(coverage.limits.join('\n'), limit);
      assert.match(found.map(({ probe, evidence }) => `${probe}: ${evidence.join(', ')}`).join('\n'), told, all);
    });
  }
});
