import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isNotSupportedError } from '../errors.ts';
import { whyNoKernel } from '../testing/rights.ts';
import { native } from './native.ts';

const door = new URL('../index.js', import.meta.url).href;

/** What a program prints that has the room's door, in a process of its own. */
function printed(before: string, options: { readonly uid?: number } = {}): string {
  const source = `
    ${before}
    const { asm, interpreter, kernel, layout, mapSpec } = await import(${JSON.stringify(door)});
    const code = [asm.mov(asm.r0, 2), asm.exit()];
    const program = { name: 'pass', type: 'xdp', code };
    console.log(new interpreter.Interpreter().run(program, { data: new Uint8Array(64) }).result);
    for (const attempt of [() => kernel.createMap(mapSpec({ name: 'm', type: 'array', maxEntries: 1 })), () => kernel.loadProgram(program)])
      try { attempt().close(); console.log('done') } catch (error) { console.log(error.name, error.message) }
  `;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    ...options,
  });
  assert.equal(run.stderr, '');
  return run.stdout.trim();
}

test('on another system all but the kernel works, and the kernel is said to be missing', () => {
  const lines = printed("Object.defineProperty(process, 'platform', { value: 'darwin' });").split('\n');
  assert.deepEqual(lines, [
    '2',
    ...Array(2).fill('NotSupportedError bpf(2) is not supported here: it is a call of Linux, this is darwin'),
  ]);
});

test('without koffi all but the kernel works, and the package is named', () => {
  const hide = `import { Module } from 'node:module'; const load = Module._load;
    Module._load = (name, ...rest) => { if (name === 'koffi') throw new Error('hidden'); return load(name, ...rest) };`;
  if (process.platform !== 'linux') return;
  const lines = printed(hide).split('\n');
  const missing = 'NotSupportedError bpf(2) is not supported here: the optional package koffi is not installed';
  assert.deepEqual(lines, ['2', missing, missing]);
});

test('without rights the refusal names the capabilities', { skip: whyNoKernel() ?? process.getuid?.() !== 0 }, () => {
  // who is nobody may not read this project everywhere; the process gives its rights up when all is loaded
  const giveUp = `const { kernel: loaded, mapSpec: spec } = await import(${JSON.stringify(door)});
    loaded.createMap(spec({ name: 'first', type: 'array', maxEntries: 1 })).close();
    process.setgroups([]); process.setgid(65534); process.setuid(65534);`;
  const lines = printed(giveUp).split('\n');
  const rights = 'EPERM (needs CAP_BPF and CAP_NET_ADMIN: root, or a container that has them)';
  assert.match(lines[2]!, /^BpfError Cannot load program "pass" of type xdp: EPERM/);
  assert.ok(lines[2]!.includes(rights));
});

test('a wait writes what came to memory that nobody else has got meanwhile', {
  skip: whyNoNative(),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nekube-wait-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const epoll = native().epollCreate();
  native().epollAdd(epoll, pipe);
  // as many as there are threads for them
  const waits = Array.from({ length: 4 }, () => native().epollWait(epoll, 30_000));
  const others: Uint8Array[] = [];
  for (let round = 0; round < 5; round++) {
    await new Promise((done) => setTimeout(done, 20));
    collectGarbage();
    for (let i = 0; i < 5000; i++) others.push(new Uint8Array(new ArrayBuffer(16)));
  }
  writeSync(pipe, 'x');
  assert.deepEqual(await Promise.all(waits), [1, 1, 1, 1]);
  assert.deepEqual(
    others.filter((bytes) => bytes.some((byte) => byte !== 0)),
    [],
  );
  native().close(epoll);
  closeSync(pipe);
  rmSync(folder, { recursive: true });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function whyNoNative(): string | undefined {
  try {
    native();
    return undefined;
  } catch (error) {
    if (isNotSupportedError(error)) return error.message;
    throw error;
  }
}
