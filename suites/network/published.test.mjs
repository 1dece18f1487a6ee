// What runs within namespaces of its own is reached from the machine, and ends with the process outside.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { whyNot } from './own-namespace.mjs';

const skip = whyNot('rootless');

/** Starts the program; gives its process, and what it serves inside. */
async function started() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('published.mjs', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  // both have it, so that it ends with the last of them
  const bothEnded = once(lines, 'close');
  const [port] = await once(lines, 'line');
  const pid = Number(/^pid (\d+)$/.exec(await (await fetch(`http://127.0.0.1:${port}`)).text())[1]);
  return { child, pid, bothEnded };
}

function isThere(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a program within namespaces of its own is reached, and its exit code is the whole one’s', { skip }, async () => {
  const { child, pid } = await started();
  assert.notEqual(pid, child.pid);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [7, null]);
  assert.equal(isThere(pid), false);
});

test('a program within namespaces of its own ends when the process outside is killed', { skip }, async () => {
  const { child, bothEnded } = await started();
  child.kill('SIGKILL');
  await bothEnded;
});
