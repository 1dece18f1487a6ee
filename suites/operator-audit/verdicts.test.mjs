// What the audit says of operators whose answer is known.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { auditOperator } from 'nekube/audit';
import { OPERATORS, operatorOf, Shop } from './operators.mjs';

const shops = fileURLToPath(new URL('config/shops.yaml', import.meta.url));
const sample = { ...Shop, metadata: { name: 'shop' }, spec: { colour: 'red', replicas: 2, settings: 'settings' } };

const EXPECTED = {
  renderer: { verdict: 'render', because: ['stable'] },
  password: { verdict: 'render-with-secrets', because: ['random-secret'] },
  healer: { verdict: 'heal', because: ['heals'] },
  reader: { verdict: 'compose', because: ['reads-other'] },
  upgrader: { verdict: 'operate', because: ['follows-status'] },
  caller: { verdict: 'external', because: ['random'] },
  secretive: { verdict: 'compose', because: ['reads-other'] },
  later: { verdict: 'operate', because: ['time'] },
  historian: { verdict: 'operate', because: ['history'] },
  wanderer: { verdict: 'compose', because: ['foreign-namespace'] },
};

describe('an operator is judged by what it does', { concurrency: 10 }, () => {
  test('each of them has an answer', () => assert.deepEqual(Object.keys(EXPECTED), Object.keys(OPERATORS)));

  for (const [name, { verdict, because }] of Object.entries(EXPECTED)) {
    test(`${name}: ${verdict}`, async () => {
      let asked = 0;
      const operator = operatorOf(name, { ask: async () => `answer ${++asked}` });
      const { judgement, findings, coverage, denied } = await auditOperator(operator, {
        manifests: [shops],
        sample,
        quietMs: 150,
      });
      const told = JSON.stringify({ judgement, findings, coverage }, undefined, 1);
      assert.equal(judgement.verdict, verdict, told);
      assert.deepEqual([...new Set(judgement.because.map(({ aspect }) => aspect))], because, told);
      assert.deepEqual(denied, []);
      assert.deepEqual(coverage.gaps, [], told);
    });
  }
});
