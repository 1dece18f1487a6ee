import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { etcd } from './etcd-command.ts';

/** A command line that etcd 3.6 does not take, and the first that it says; see tools/record-flags.mjs. */
interface Recorded {
  readonly args: readonly string[];
  readonly code: number;
  readonly said: readonly string[];
}

const file = fileURLToPath(new URL('../../../src/cli/assets/testdata/etcd-flags.json', import.meta.url));
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded[];

async function run(args: readonly string[]): Promise<{ code: number; first: string | undefined; stdout: string }> {
  let [stdout, stderr] = ['', ''];
  const code = await etcd(args, {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    cwd: '/nowhere',
    env: {},
    signal: new AbortController().signal,
  });
  const [line = ''] = stderr.split('\n');
  if (!line.startsWith('{')) return { code, first: line, stdout };
  const { msg, error } = JSON.parse(line) as { msg: string; error: string };
  return { code, first: `${msg}: ${error}`, stdout };
}

describe('etcd refuses what the real one refuses, in its words', () => {
  for (const { args, code, said } of recorded)
    test(args.join(' '), async () => {
      const answer = await run(args);
      assert.deepEqual({ code: answer.code, first: answer.first }, { code, first: said[0] });
    });
});

test('help names the flag by which envtest makes it quick', async () => {
  const { code, stdout } = await run(['--help']);
  assert.equal(code, 0);
  assert.match(stdout, /^\s*--unsafe-no-fsync\b/m);
});
