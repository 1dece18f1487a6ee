import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from 'nekube/client';
import { type ProcessOptions, startProcess } from './process-container.ts';
import { Reaper } from './reaper.ts';

const linuxOnly = { skip: process.platform !== 'linux' && 'needs /proc' };

/** What starts a script in a folder of the test. */
function optionsOf(t: TestContext, script: string): ProcessOptions & { readonly scratchDir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-process-'));
  const reaper = new Reaper();
  t.after(async () => {
    await reaper.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    argv: ['/bin/sh', '-c', script],
    env: { PATH: process.env.PATH ?? '' },
    cwd: dir,
    logPath: join(dir, 'logs', '0.log'),
    scratchDir: dir,
    stdin: false,
    beside: () => (argv) => ({ argv, env: {}, cwd: dir }),
    clock: systemClock,
    reaper,
    mayBegin: () => true,
  };
}

/** Descriptors of this process that lead below a folder. */
function openBelow(dir: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(dir) ? [path] : [];
    } catch {
      return [];
    }
  });
}

const refused: readonly { readonly name: string; readonly more: Partial<ProcessOptions>; readonly message: RegExp }[] =
  [
    {
      name: 'a variable with NUL, whose value is not told',
      more: { env: { PASSWORD: 'secret\0' } },
      message: /^exec: environment variable "PASSWORD" contains NUL$/,
    },
    {
      name: 'a word with NUL, which is not told',
      more: { argv: ['/bin/sh', 'secret\0'] },
      message: /^exec: a word of the command contains NUL$/,
    },
    { name: 'a node that has begun to end', more: { mayBegin: () => false }, message: /^the node ends$/ },
  ];
for (const { name, more, message } of refused)
  test(`${name} starts nothing and leaves nothing open`, linuxOnly, async (t) => {
    const options = { ...optionsOf(t, 'true'), ...more };
    await assert.rejects(startProcess(options), (error) => {
      assert.match((error as Error).message, message);
      return true;
    });
    assert.deepEqual(openBelow(options.scratchDir), []);
  });

test('a container ends, though somebody without its mark and session still holds its output', linuxOnly, async (t) => {
  const options = optionsOf(t, 'env -i "$(command -v setsid)" sleep 60 & echo $!; exit 3');
  const running = await startProcess(options);
  const { code } = await running.exited;
  const escaped = Number(readFileSync(options.logPath, 'utf8').trim().split(' ').at(-1));
  process.kill(escaped, 'SIGKILL');
  assert.equal(code, 3);
  assert.deepEqual(openBelow(options.scratchDir), []);
});
