// Builds the console's browser app: web/ into dist/web (index.html, and assets/ whose names have a hash of their content; one of
// them has the licences of the packages that are bundled), and its tests into dist/web-test, for Node. Types are checked by the compiler, which emits nothing here.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { licensesOf } from './licenses.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const web = join(root, 'web');
const out = join(root, 'dist/web');
const testsOut = join(root, 'dist/web-test');

/** Writes dist/web and dist/web-test. Rejects when types do not fit, or when what is for browsers would need Node. */
export async function buildWeb() {
  await Promise.all([checkTypes('tsconfig.json'), checkTypes('tsconfig.test.json'), bundleApp(), bundleTests()]);
}

async function checkTypes(project) {
  const tsc = spawn(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(web, project)], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  const code = await new Promise((resolve) => tsc.on('exit', resolve));
  if (code !== 0) throw new Error(`web: types of ${project} do not fit`);
}

async function bundleApp() {
  const { build } = await import('esbuild');
  rmSync(out, { recursive: true, force: true });
  const built = await build({
    absWorkingDir: root,
    entryPoints: { boot: 'web/src/boot.ts', main: 'web/src/main.tsx', style: 'web/src/styles/main.css' },
    outdir: 'dist/web/assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2023', 'chrome123', 'firefox120', 'safari17.5'],
    tsconfig: 'web/tsconfig.json',
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    plugins: [leavesOut],
    logLevel: 'warning',
  });
  const metafile = withoutOrphans(built.metafile, ['web/src/boot.ts', 'web/src/main.tsx', 'web/src/styles/main.css']);
  refuseNode(metafile);
  const licenses = licensesOf(metafile);
  const licensesFile = `assets/LICENSES-${createHash('sha256').update(licenses).digest('hex').slice(0, 8).toUpperCase()}.txt`;
  writeFileSync(join(out, licensesFile), licenses);
  writeFileSync(join(out, 'index.html'), page(metafile, licensesFile));
}

/** What only Node has. A room's door leads to it also for those who want something else of the room; unused, it is dropped. */
export const leavesOut = {
  name: 'leaves out what only Node has',
  setup({ onResolve }) {
    onResolve({ filter: /^(node:|(lmdb|koffi|undici|jose|re2js|@lydell\/node-pty)$)/ }, ({ path }) => ({
      path,
      external: true,
      sideEffects: false,
    }));
  },
};

/** What an import of Node's would do in a browser is fail, at the moment its view is opened; so it fails here. */
export function refuseNode({ outputs, inputs }) {
  const kept = new Set(Object.values(outputs).flatMap((output) => Object.keys(output.inputs)));
  const wrong = Object.values(outputs).flatMap((output) => output.imports.filter((one) => one.external));
  if (wrong.length === 0) return;
  const why = [...kept].filter((file) => inputs[file].imports.some((one) => one.external));
  throw new Error(`web: a browser has no ${[...new Set(wrong.map((one) => one.path))].join(', ')}: ${why.join(', ')}`);
}

/** Without the chunks that modules would load which were dropped themselves: nothing leads to them. */
export function withoutOrphans({ outputs, inputs }, entries) {
  const reached = new Set(entries.map((entry) => builtOf(outputs, entry)));
  for (const file of reached) for (const { path } of outputs[file]?.imports ?? []) reached.add(path);
  for (const file of Object.keys(outputs)) if (!reached.has(file.replace(/\.map$/, ''))) rmSync(join(root, file));
  return { inputs, outputs: Object.fromEntries(Object.entries(outputs).filter(([file]) => reached.has(file))) };
}

function builtOf(outputs, entry) {
  return Object.keys(outputs).find((file) => outputs[file].entryPoint === entry);
}

/** index.html with the built files. What main needs at once is loaded beside it, not after it. */
function page({ outputs }, licensesFile) {
  const built = (entry) => builtOf(outputs, entry);
  const url = (file) => `/${relative('dist/web', file)}`;
  const main = built('web/src/main.tsx');
  const needed = outputs[main].imports.filter((one) => one.kind === 'import-statement');
  const tags = [
    `<script src="${url(built('web/src/boot.ts'))}"></script>`,
    `<link rel="stylesheet" href="${url(built('web/src/styles/main.css'))}">`,
    ...needed.map((one) => `<link rel="modulepreload" href="${url(one.path)}">`),
    `<script type="module" src="${url(main)}"></script>`,
    `<link rel="license" href="/${licensesFile}">`,
  ];
  return readFileSync(join(web, 'index.html'), 'utf8').replace(/<!-- tools.*-->/, tags.join('\n    '));
}

/** Tests stand alone, so that what they import may be written for the bundler too. */
async function bundleTests() {
  const { build } = await import('esbuild');
  const tests = readdirSync(join(web, 'src'), { recursive: true }).filter((file) => file.endsWith('.test.ts'));
  rmSync(testsOut, { recursive: true, force: true });
  mkdirSync(testsOut, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: tests.map((file) => join('web/src', file)),
    outdir: 'dist/web-test',
    outbase: 'web/src',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    tsconfig: 'web/tsconfig.json',
    sourcemap: 'linked',
    external: ['fast-check'],
    logLevel: 'warning',
  });
}
