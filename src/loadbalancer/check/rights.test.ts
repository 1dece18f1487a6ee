import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lackingCapabilities, type RightsFacts, whyRefused } from './rights.ts';

const bits = (...numbers: readonly number[]): string =>
  `Name:\tnode\nCapEff:\t${numbers
    .reduce((sum, one) => sum | (1n << BigInt(one)), 0n)
    .toString(16)
    .padStart(16, '0')}\n`;
const [NET_ADMIN, NET_RAW, SYS_ADMIN, BPF] = [12, 13, 21, 39];
const HOST = '         0          0 4294967295\n';
const ALL: RightsFacts = { status: bits(NET_ADMIN, BPF), uidMap: HOST, release: '6.18.4' };

for (const { name, facts, why } of [
  { name: 'none', facts: { status: bits() }, why: 'This process lacks CAP_BPF and CAP_NET_ADMIN' },
  { name: 'CAP_BPF alone', facts: { status: bits(BPF) }, why: 'This process lacks CAP_NET_ADMIN' },
  { name: 'CAP_NET_ADMIN alone', facts: { status: bits(NET_ADMIN) }, why: 'This process lacks CAP_BPF' },
  { name: 'those of a user namespace', facts: { uidMap: '0 1000 1\n' }, why: /user namespace of its own/ },
  { name: 'too little memory', facts: { release: '5.10.0-28-amd64' }, why: /^Linux 5\.10 counts memory .*ulimit -l/ },
  { name: 'both', facts: {}, why: /is refused: by seccomp/ },
] as const)
  test(`who has ${name} is told what is lacking`, () => {
    const told = whyRefused({ ...ALL, ...facts });
    if (typeof why === 'string') assert.equal(told, why);
    else assert.match(told, why);
  });

test('CAP_SYS_ADMIN has CAP_BPF within it, and options of IP need CAP_NET_RAW', () => {
  assert.deepEqual(lackingCapabilities(bits(SYS_ADMIN, NET_ADMIN)), []);
  assert.deepEqual(lackingCapabilities(bits(SYS_ADMIN), ['CAP_NET_RAW']), ['CAP_NET_RAW']);
  assert.deepEqual(lackingCapabilities(bits(NET_RAW), ['CAP_NET_RAW']), []);
});
