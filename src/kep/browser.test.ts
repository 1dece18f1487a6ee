import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { build, type Plugin } from 'esbuild';

const at = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));

/** As the browser's app is built: what only Node has is dropped where nothing uses it, and stays an import where something does. */
const unusedIsDropped: Plugin = {
  name: 'unused is dropped',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false })),
};

test('the filter language, what is stale, and counts are for browsers too: nothing of Node is in them', async () => {
  const contents = ['query/filter', 'query/parse-filter', 'query/stale', 'site/facets']
    .map((name) => `export * from ${at(`./${name}.js`)};`)
    .join('\n');
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    metafile: true,
    plugins: [unusedIsDropped],
  });
  const { imports } = Object.values(metafile.outputs)[0]!;
  assert.deepEqual(imports, []);
  assert.ok(outputFiles[0]!.text.includes('prr-approver'));
  assert.ok(outputFiles[0]!.contents.length < 20_000, `${outputFiles[0]!.contents.length} bytes`);
});
