// The numbered cases of the datapath stand in a file that `npm run kernel` reads; this holds the file and its reading to be right, without rights.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cellsOf, expanded, fileOf, isReferred, progressOf, resultOf } from '../../tools/kernel/cases.mjs';
import { mutated } from '../../tools/kernel/mutations.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cases = JSON.parse(readFileSync(join(root, 'suites/loadbalancer/cases.json'), 'utf8'));
const DIMENSIONS = { mode: ['snat', 'dsr-ipip'], family: [4, 6], protocol: ['TCP', 'UDP'] };

describe('the numbered cases', () => {
  test('are 50, each once and in their order', () => {
    const numbers = cases.filter(({ number }) => number <= 50).map(({ number }) => number);
    assert.deepEqual(
      numbers,
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
    assert.equal(new Set(cases.map(({ number }) => number)).size, cases.length);
  });

  test('say what holds, and name tests of files that exist, or say what is missing', () => {
    for (const { number, holds, tests, missing } of cases) {
      assert.ok(holds, `${number}`);
      assert.equal(tests.length === 0, missing !== undefined, `${number}`);
      for (const one of tests) assert.ok(existsSync(join(root, fileOf(one))), `${number}: ${fileOf(one)}`);
    }
  });
});

test('what mutations replace is there, once', () => {
  const mutations = JSON.parse(readFileSync(join(root, 'suites/loadbalancer/mutations.json'), 'utf8'));
  for (const mutation of mutations) {
    const text = readFileSync(join(root, mutation.file), 'utf8');
    assert.notEqual(mutated(text, mutation), text);
    assert.throws(() => mutated(text.replace(mutation.from, ''), mutation), /must be in .* once, and is there 0 times/);
  }
});

const outcome = (names, result = 'ok', more = {}) => ({ file: 'suites/x.test.mjs', names, result, ms: 1, ...more });
const one = (...tests) => ({ number: 1, holds: 'it', tests });

test('a case is told of once all its tests have ended, and each test at once', () => {
  const lines = [];
  const tell = progressOf([one('suites/x: a', 'suites/x: b > *')], DIMENSIONS, (line) => lines.push(line));
  const told = [['a'], ['other'], ['b', 'first'], ['b', 'second']].map((names) => {
    tell(outcome(names, names[1] === 'second' ? 'failed' : 'ok', { reason: 'broken' }));
    return lines.length;
  });
  assert.deepEqual(told, [1, 2, 4, 5]);
  assert.match(lines[3], /^ok +1 {2}it$/);
  assert.match(lines[4], /^FAIL +suites\/x\.test\.mjs: b > second {2}\(0\.0 s\)$/);
});

describe('what becomes of a case', () => {
  const references = ['suites/x: {mode}, IPv{family} > answers *'];
  const all = expanded(references[0], DIMENSIONS);
  const passed = all.map((reference) =>
    outcome([reference.slice('suites/x: '.length).split(' > ')[0], 'answers twice']),
  );

  test('all of its tests are asked for, in every combination', () => {
    assert.deepEqual(all, [
      'suites/x: snat, IPv4 > answers *',
      'suites/x: snat, IPv6 > answers *',
      'suites/x: dsr-ipip, IPv4 > answers *',
      'suites/x: dsr-ipip, IPv6 > answers *',
    ]);
    const { result, tests } = resultOf(one(...references), passed, DIMENSIONS);
    assert.deepEqual([result, tests], ['ok', 4]);
  });

  test('it fails if one of them has not run', () => {
    const { result, reasons } = resultOf(one(...references), passed.slice(1), DIMENSIONS);
    assert.deepEqual([result, reasons], ['FAIL', ['there is no test suites/x: snat, IPv4 > answers *']]);
  });

  test('it fails if one of them does, with the reason', () => {
    const failed = outcome(['snat, IPv4', 'answers at once'], 'failed', { reason: 'Error: no answer\n at x' });
    const { result, reasons } = resultOf(one(...references), [...passed, failed], DIMENSIONS);
    assert.deepEqual([result, reasons], ['FAIL', ['snat, IPv4 > answers at once: Error: no answer']]);
  });

  test('it is skipped if the suite around its tests is', () => {
    const skipped = ['snat, IPv4', 'snat, IPv6', 'dsr-ipip, IPv4', 'dsr-ipip, IPv6'].map((name) =>
      outcome([name], 'skipped', { reason: 'needs root' }),
    );
    const { result, reasons } = resultOf(one(...references), skipped, DIMENSIONS);
    assert.deepEqual([result, reasons], ['skipped', ['needs root']]);
  });

  test('it is not built if it names no test', () => {
    assert.equal(resultOf({ ...one(), missing: 'no XDP' }, passed, DIMENSIONS).result, 'not built');
  });

  test('a test is one that a case names, or another', () => {
    assert.ok(isReferred(all, passed[0]));
    assert.ok(!isReferred(all, outcome(['snat, IPv4', 'refuses'])));
    assert.ok(!isReferred(all, { ...passed[0], file: 'suites/y.test.mjs' }));
  });
});

test('a combination that nobody has tried is missing', () => {
  const rows = cellsOf([outcome(['snat, IPv4, TCP', 'a']), outcome(['snat, IPv4, UDP', 'a'], 'failed')], DIMENSIONS);
  assert.deepEqual(
    rows[0].cells.map(({ result }) => result),
    ['ok 1', 'FAIL', 'MISSING', 'MISSING'],
  );
});
