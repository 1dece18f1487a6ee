import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from 'nekube/client';
import { canHavePidNamespaces, inPidNamespace } from './pid-namespace.ts';
import { withMounts } from '../volumes/mounts.ts';
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
    isNamespaced: false,
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
  // it says that it got away: before that it would end with the container
  const escape = 'env -i "$(command -v setsid)" /bin/sh -c "echo > away; exec sleep 60" &';
  const options = optionsOf(t, `mkfifo away; ${escape} read _ < away; echo $!; exit 3`);
  const running = await startProcess(options);
  const { code } = await running.exited;
  const escaped = Number(readFileSync(options.logPath, 'utf8').trim().split(' ').at(-1));
  process.kill(escaped, 'SIGKILL');
  assert.equal(code, 3);
  assert.deepEqual(openBelow(options.scratchDir), []);
});

/** What ends a container, and what comes of it. */
const endings: readonly {
  readonly name: string;
  readonly script: string;
  readonly code: number;
  readonly signal?: string;
}[] = [
  { name: 'its program ends', script: 'echo up; exit 3', code: 3 },
  { name: 'its program is killed', script: 'echo up; kill -9 $$', code: 137 },
  {
    name: 'its program is asked to, and does not say what it does then',
    script: 'echo up; sleep 60',
    code: 143,
    signal: 'SIGTERM',
  },
  {
    name: 'its program is asked to, and ends as it likes',
    script: 'trap "exit 5" TERM; echo up; read _; :',
    code: 5,
    signal: 'SIGTERM',
  },
];
const rightsOnly = { skip: !canHavePidNamespaces() && 'this user may not make namespaces of processes' };
for (const [i, { name, script, code, signal }] of endings.entries())
  test(`nobody is left of a container with a namespace when ${name}`, rightsOnly, async (t) => {
    // told from all others by its seconds
    const escaped = `sleep 60.${process.pid}${i}`;
    const { argv, ...options } = optionsOf(t, `env -i "$(command -v setsid)" ${escaped} & ${script}`);
    const running = await startProcess({ ...options, isNamespaced: true, stdin: true, argv: inPidNamespace(argv) });
    while (signal !== undefined && !(existsSync(options.logPath) && readFileSync(options.logPath).length > 0))
      await new Promise((resolve) => setImmediate(resolve));
    if (signal !== undefined) running.signal(signal);
    const exit = await running.exited;
    assert.equal(exit.code, code);
    assert.equal(isRunning(escaped), false);
    assert.match(readFileSync(options.logPath, 'utf8'), /^\S+ stdout F up\n$/);
    assert.deepEqual(openBelow(options.scratchDir), []);
  });

test(
  'a container counts as started when its program runs, and not while its folders are put in place',
  rightsOnly,
  async (t) => {
    const { argv, ...options } = optionsOf(t, 'read _');
    const mounts = [{ source: options.cwd, target: '/mnt', readOnly: false }];
    const mounted = withMounts(argv, mounts, join(options.scratchDir, 'mounts'));
    for (const isNamespaced of [true, false]) {
      let words: readonly string[] = [];
      const running = await startProcess({
        ...options,
        isNamespaced,
        stdin: true,
        argv: isNamespaced ? inPidNamespace(mounted) : mounted,
        beside: (_marks, pid) => {
          words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
          return (asked) => ({ argv: asked, env: {}, cwd: options.cwd });
        },
      });
      running.kill();
      await running.exited;
      assert.deepEqual(words, argv);
    }
  },
);

/** Whether a process of this machine has just these words. */
function isRunning(words: string): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim() === words;
    } catch {
      return false;
    }
  });
}
