import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { start } from 'nekube/envtest';
import { KEP_SYNC_KIND } from 'nekube/kep';
import { EXIT } from '../io.ts';
import { run } from '../program.ts';

const MANY = 150;

test('a sync tells how far it is where there is no terminal, what a part is that was ended, and that it waits for another', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-kep-sync-'));
  const env = await start();
  try {
    for (let number = 1; number <= MANY; number++) {
      const folder = join(dir, `keps/sig-node/${number}-nap`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'kep.yaml'), `title: Nap\nkep-number: ${number}\nowning-sig: sig-node\n`);
    }
    const sync = async (endAt?: string): Promise<[number, string, string]> => {
      const out = { stdout: '', stderr: '' };
      const stop = new AbortController();
      const code = await run(['kep', 'sync', '--no-history', '--kubeconfig', env.kubeconfig(), '--from', dir], {
        stdout: (text) => (out.stdout += text),
        stderr: (text) => {
          out.stderr += text;
          if (endAt !== undefined && text.includes(endAt)) stop.abort();
        },
        env: {},
        cwd: dir,
        signal: stop.signal,
        columns: undefined,
        elapsedMs: () => 0,
      });
      return [code, out.stdout, out.stderr];
    };
    const begun = `0.0 s: KEPs are read\n0.0 s: KEPs are brought to the server\n0.0 s: 100 of ${MANY}\n`;
    const [ended, nothing, told] = await sync(`100 of ${MANY}`);
    assert.deepEqual([ended, nothing, told.slice(0, begun.length)], [EXIT.interrupted, '', begun]);
    // what was on its way may arrive yet
    assert.match(
      told.slice(begun.length),
      /^nekube: 1\d\d of 150 KEPs were brought; the same command brings the rest\n$/,
    );
    // as if it went on, and for an hour at least
    const renewed = new Date(Date.now() + 3_600_000).toISOString();
    const [mark, status] = [{ name: 'enhancements' }, { subresource: 'status' }];
    await env.client.patch(KEP_SYNC_KIND, mark, { merge: { status: { renewed, conditions: [] } } }, status);
    const [waited, , toldOfOther] = await sync('it is waited for');
    assert.equal(waited, EXIT.interrupted);
    assert.match(toldOfOther, /note: the sync of 150 KEPs of enhancements is under way since \S+Z; it is waited for\n/);
    const long = { renewed: '2020-01-01T00:00:00Z' };
    await env.client.patch(KEP_SYNC_KIND, mark, { merge: { status: long } }, status);
    const [code, stdout, stderr] = await sync();
    const note =
      /note: the sync of 150 KEPs of enhancements that began at \S+Z was cut off at \S+Z; this one does the rest\n/;
    assert.deepEqual([code, stderr.replace(note, '')], [EXIT.success, begun]);
    assert.match(stderr, note);
    assert.match(stdout, /^150 KEPs: \d+ created, 0 changed, \d+ unchanged, 0 removed\n$/);
  } finally {
    await env.stop();
    rmSync(dir, { recursive: true });
  }
});
