import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { PrivatePorts } from './private-ports.ts';

/** Where a search begins that finds a port first, if nobody has it. */
const beginningAt = (port: number): number => (port - 10_000 + 0.5) / 20_000;

const linuxOnly = { skip: process.platform !== 'linux' && 'claims of ports are kept by sockets of Linux' };

test('a port is given once, also while nobody listens on it, until it is given back', linuxOnly, async () => {
  const [one, other] = [new PrivatePorts(0.31), new PrivatePorts(0.31)];
  const first = [await one.take(), await one.take()];
  const second = await other.take();
  assert.ok(!first.includes(second), `${second} was given twice`);
  one.giveBack(first[0]!);
  // not from where it began: what was in the way there may be free by now
  assert.equal(await new PrivatePorts(beginningAt(first[0]!)).take(), first[0]);
  one.giveAllBack();
  other.giveAllBack();
});

test('a port that another process has been given is free when that has ended, however it does', linuxOnly, async () => {
  const door = new URL('./private-ports.js', import.meta.url).href;
  const program = `const { PrivatePorts } = await import(${JSON.stringify(door)});
    console.log(await new PrivatePorts(0.33).take());
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const ports = new PrivatePorts(0.33);
  try {
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const theirs = Number(String(said));
    const mine = await ports.take();
    assert.notEqual(mine, theirs);
    ports.giveBack(mine);
    child.kill('SIGKILL');
    await ended;
    assert.equal(await new PrivatePorts(beginningAt(theirs)).take(), theirs);
  } finally {
    child.kill('SIGKILL');
    ports.giveAllBack();
  }
});

test('what was given does not keep a process from ending', linuxOnly, async () => {
  const door = new URL('./private-ports.js', import.meta.url).href;
  const program = `await new (await import(${JSON.stringify(door)})).PrivatePorts(0.35).take();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
