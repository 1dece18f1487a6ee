// `nekube lb check --peer` between two nodes: what the path does with options of IP and with tunnels, and how large packets may be.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { asm, kernel, layout, TCX } from 'nekube/bpf';
import { whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const skip = whyNot();
const PORT = 10_450;

let network;
const children = [];

before(async () => {
  if (skip) return;
  network = new Topology();
  await Promise.all([4, 6].map((family) => listen(family)));
});

after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await network?.close();
});

function placeOf(family) {
  return family === 4 ? `${ADDRESSES[4].n1}:${PORT}` : `[${ADDRESSES[6].n1}]:${PORT}`;
}

function listen(family) {
  const args = [
    `--net=${network.namespace('n1')}`,
    process.execPath,
    program,
    'lb',
    'check',
    '--listen',
    placeOf(family),
  ];
  const child = spawn('nsenter', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  return new Promise((done) => child.stderr.once('data', done));
}

function check(family) {
  const words = [program, 'lb', 'check', '--peer', placeOf(family), '-o', 'json'];
  return JSON.parse(network.exec('lb', process.execPath, ...words));
}

const fitting = ({ modes }) => modes.filter(({ fits }) => fits).map(({ mode }) => mode);

for (const family of [4, 6])
  test(`IPv${family}: a path that carries all is found to fit all modes`, { skip }, () => {
    const found = check(family);
    assert.equal(found.plain.answered, found.plain.sent);
    assert.equal(found.options.answered, found.options.sent);
    assert.deepEqual([found.mtu, found.deviceMtu, found.seenAs], [1500, 1500, undefined]);
    for (const tunnel of ['ipip', 'geneve']) {
      const { sent, answered, mtu } = found.tunnels[tunnel];
      assert.deepEqual([answered, mtu], [sent, 1500], tunnel);
    }
    for (const mode of ['snat', 'dsr-ipip', 'dsr-geneve']) assert.ok(fitting(found).includes(mode), mode);
    assert.equal(found.recommended.mode, 'dsr-ipip');
  });

for (const family of [4, 6])
  test(`IPv${family}: a path that drops IP in IP is found to, and another mode is recommended`, { skip }, () => {
    const drops = kernel.loadCollection([dropsTunnels(family)]);
    const link = kernel.inNamespace(network.namespace('rt'), () =>
      kernel.attachTcx(drops.program('drops_tunnels'), 'lb', 'ingress', 'first'),
    );
    let found;
    try {
      found = check(family);
    } finally {
      link.close();
      drops.close();
    }
    assert.equal(found.tunnels.ipip.answered, 0);
    assert.match(
      found.modes.find(({ mode }) => mode === 'dsr-ipip').why,
      /^the path drops IP in IP \(protocol \d+\): 0 of/,
    );
    assert.equal(found.recommended.mode, 'dsr-geneve');
  });

/** Drops packets whose protocol is IP in IP. */
function dropsTunnels(family) {
  const { mov, load, jne, exit, label, at, r0, r1, r6, r7, add, jgt, r8 } = asm;
  const [offset, protocol] = family === 4 ? [14 + 9, 4] : [14 + 6, 41];
  const { data, dataEnd } = layout.SkBuff.at;
  return {
    name: 'drops_tunnels',
    type: 'sched_cls',
    code: [
      ...[mov(r6, r1), load(r7, r6, data), load(r8, r6, dataEnd), mov(r0, r7), add(r0, 54), jgt(r0, r8, 'next')],
      ...[load(r0, r7, at(offset, 'u8')), jne(r0, protocol, 'next')],
      // its version
      ...[load(r0, r7, at(14, 'u8')), asm.rsh(r0, 4), jne(r0, family, 'next')],
      ...[mov(r0, TCX.drop), exit(), label('next'), mov(r0, TCX.next), exit()],
    ],
  };
}

test('a path that drops packets with options is found to', { skip }, () => {
  let found;
  network.slowPath({ passes: 0 });
  try {
    found = check(4);
  } finally {
    network.slowPath();
  }
  assert.deepEqual([found.optionsAre, found.options.answered], ['dropped', 0]);
  assert.deepEqual(fitting(found), ['dsr-ipip', 'dsr-geneve', 'snat']);
});

test('how large packets may be is found, where the path takes less than the device', { skip }, () => {
  let found;
  network.setMtu('n1', 1480);
  try {
    found = check(4);
  } finally {
    network.setMtu('n1', 1500);
    network.forgetSizes('lb');
  }
  assert.deepEqual([found.mtu, found.deviceMtu], [1480, 1500]);
  assert.match(found.modes.find(({ mode }) => mode === 'dsr-ipip').why, /leaves 1460 of 1480/);
});
