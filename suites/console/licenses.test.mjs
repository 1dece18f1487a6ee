// What the console's page is made of has its licences with it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const assets = fileURLToPath(new URL('../../dist/web/assets/', import.meta.url));
const names = readdirSync(assets);
const read = (name) => readFileSync(join(assets, name), 'utf8');

describe('the licences of the console', () => {
  test('each package that the scripts come from has the text of its licence there', () => {
    const sources = names.filter((name) => name.endsWith('.js.map')).flatMap((name) => JSON.parse(read(name)).sources);
    const bundled = new Set(sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
    assert.ok(bundled.has('preact') && bundled.has('@codemirror/view'), [...bundled].join());
    const parts = read(names.find((name) => name.startsWith('LICENSES-')))
      .split(/^-{80}$/m)
      .slice(1);
    const told = new Map(parts.map((part) => [part.trim().split(' ')[0], part]));
    assert.deepEqual([...told.keys()].sort(), [...bundled].sort());
    for (const [name, part] of told) assert.match(part, /Permission is hereby granted/, name);
  });

  test('the page leads to them', () => {
    const [, path] = /<link rel="license" href="([^"]+)">/.exec(readFileSync(join(assets, '../index.html'), 'utf8'));
    assert.ok(names.includes(path.replace('/assets/', '')), path);
  });
});
