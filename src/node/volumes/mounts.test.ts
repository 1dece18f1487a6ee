import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StartError } from '../agent/start-error.ts';
import { mountsOf } from './mounts.ts';

// a volume, and beside it what links in the volume lead to
const dir = mkdtempSync(join(tmpdir(), 'nekube-mounts-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const volume = join(dir, 'volume');
mkdirSync(join(volume, 'inner'), { recursive: true });
mkdirSync(join(dir, 'volume-beside'));
symlinkSync('inner', join(volume, 'good'));
symlinkSync('/etc', join(volume, 'away'));
symlinkSync('../volume-beside', join(volume, 'beside'));
symlinkSync('../nothing', join(volume, 'dangling'));

const mountOf = (subPath: string, mountPath = '/m'): readonly { source: string; target: string }[] =>
  mountsOf({ name: 'c', volumeMounts: [{ name: 'v', mountPath, subPath }] }, new Map([['v', volume]]), {});

for (const subPath of ['inner', 'good', 'new/deep', 'good/new'])
  test(`a mount of ${subPath} is within its volume, and is made where it is not there`, () => {
    assert.deepEqual(mountOf(subPath), [{ source: join(volume, subPath), target: '/m', readOnly: false }]);
    assert.ok(existsSync(join(volume, subPath)));
  });

for (const subPath of ['away', 'beside', 'beside/new', 'dangling', 'dangling/new'])
  test(`a mount of ${subPath} is refused, since a link leads out of the volume, and nothing is made there`, () => {
    assert.throws(
      () => mountOf(subPath),
      (error) => {
        assert.ok(error instanceof StartError);
        assert.equal(error.message, 'failed to prepare subPath for volumeMount "v" of container "c"');
        return true;
      },
    );
    assert.ok(!existsSync(join(dir, 'volume-beside', 'new')));
    assert.ok(!existsSync(join(dir, 'nothing')));
  });

for (const [mountPath, target] of [
  ['m', '/m'],
  ['/a/../../../m', '/m'],
  ['/../../m/', '/m/'],
] as const)
  test(`what is mounted at ${mountPath} is at ${target}: nothing is outside of the root`, () => {
    assert.equal(mountOf('', mountPath)[0]!.target, target);
  });
