import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hostnames } from './best-listener.ts';
import { isHeaderName, isHeaderValue, isHostname, isPort, isWeight } from './checks.ts';
import { durationMs } from '../model/durations.ts';
import { reuse } from './reuse.ts';

const checks: readonly (readonly [
  name: string,
  check: (value: unknown) => boolean,
  good: unknown[],
  bad: unknown[],
])[] = [
  [
    'a hostname',
    isHostname,
    ['a', 'a.example', '*.a-b.example'],
    ['', '*', 'a..b', '-a', 'A', 'a.*.b', 'a b', 5, null],
  ],
  ['a port', isPort, [1, 65_535], [0, 65_536, 1.5, '80', null]],
  ['a name of a header', isHeaderName, ['X-A', 'a_b'], ['', 'a b', ':path', 'a\n', null]],
  ['a value of a header', isHeaderValue, ['', 'a b\tc', 'ü'], ['a\nb', '\u0000', 1]],
  ['a weight', isWeight, [0, 1_000_000], [-1, 0.5, '1']],
];
for (const [name, check, good, bad] of checks) {
  test(`what is and what is not ${name}`, () => {
    assert.deepEqual(
      good.filter((value) => !check(value)),
      [],
    );
    assert.deepEqual(
      bad.filter((value) => check(value)),
      [],
    );
  });
}

test('durations are of hours, minutes, seconds and milliseconds', () => {
  const texts = ['1h30m', '500ms', '0s', '1h2m3s4ms', '1.5s', '5', '', '-1s', '1d'];
  assert.deepEqual(texts.map(durationMs), [
    5_400_000,
    500,
    0,
    3_723_004,
    ...Array.from({ length: 5 }, () => undefined),
  ]);
});

test('a domain belongs to its own hostname, then to the longest wildcard, then to all', () => {
  const hostnames = new Hostnames([
    [undefined, 'all'],
    ['*.example', 'wide'],
    ['*.a.example', 'narrow'],
    ['b.a.example', 'exact'],
  ]);
  const domains = [
    'b.a.example',
    'c.a.example',
    'x.c.a.example',
    'a.example',
    '*.a.example',
    '*.b.example',
    'other',
    '*',
  ];
  assert.deepEqual(
    domains.map((domain) => hostnames.bestFor(domain)),
    ['exact', 'narrow', 'narrow', 'wide', 'narrow', 'wide', 'all', 'all'],
  );
  assert.deepEqual(
    ['b.a.example', '*.a.example', '*.example', '*'].map((hostname) => hostnames.broaderThan(hostname)),
    ['narrow', 'wide', 'all', undefined],
  );
});

test('what is equal is taken from before, also within what is not', () => {
  const before = { a: { b: 1 }, c: [{ d: 1 }, { e: 2 }] };
  assert.equal(reuse(before, structuredClone(before)), before);
  const after = reuse(before, { a: { b: 1 }, c: [{ d: 1 }, { e: 3 }] });
  assert.equal(after.a, before.a);
  assert.equal(after.c[0], before.c[0]);
  assert.deepEqual(after.c[1], { e: 3 });
});
