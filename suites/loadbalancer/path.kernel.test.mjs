// `nekube lb check --peer` between two nodes: what the path does with options of IP, and how large packets may be.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
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
    for (const mode of ['snat', 'dsr-ipip', 'dsr-geneve']) assert.ok(fitting(found).includes(mode), mode);
  });

test('a path that drops packets with options is found to', { skip }, () => {
  network.slowPath({ passes: 0 });
  const found = check(4);
  network.slowPath();
  assert.deepEqual([found.optionsAre, found.options.answered], ['dropped', 0]);
  assert.deepEqual(fitting(found), ['dsr-ipip', 'dsr-geneve', 'snat']);
});

test('how large packets may be is found, where the path takes less than the device', { skip }, () => {
  network.setMtu('n1', 1480);
  const found = check(4);
  network.setMtu('n1', 1500);
  network.forgetSizes('lb');
  assert.deepEqual([found.mtu, found.deviceMtu], [1480, 1500]);
  assert.match(found.modes.find(({ mode }) => mode === 'dsr-ipip').why, /leaves 1460 of 1480/);
});
