import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openImageFile } from './open-image-file.ts';

test('what somebody writes into the file counts from then on, unless it is of no use, which is told', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-images-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'images.yaml');
  const write = (text: string, seconds: number): void => {
    writeFileSync(path, text);
    utimesSync(path, seconds, seconds);
  };
  write('images: [{name: web, cmd: [one]}]', 1);
  const problems: unknown[] = [];
  const images = openImageFile(path, (error) => problems.push(error));
  assert.deepEqual([images.find('web')?.cmd, images.find('api')], [['one'], undefined]);
  write('images: [{name: web, cmd: [two]}, {name: api}]', 2);
  assert.deepEqual([images.find('web')?.cmd, images.find('api')?.name], [['two'], 'api']);
  write('images: {', 3);
  assert.deepEqual(images.find('web')?.cmd, ['two']);
  assert.deepEqual(images.find('web')?.cmd, ['two']);
  // told once, not at each look
  assert.match(problems.map(String).join(), /^ImageFileError: [^,]*images\.yaml/);
  assert.equal(problems.length, 1);
});
