import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { ensureAssets } from './ensure.ts';
import { AssetsError } from './errors.ts';
import { installAssets, removeAssets } from './install.ts';
import { cacheRoot, type Place, platformName, readVersion, setupEnvtestRoot } from './places.ts';
import { MARK } from './write.ts';

/** A home of its own, gone after the test. */
function placeIn(t: TestContext): Place & { readonly platform: 'linux' | 'darwin' } {
  const home = mkdtempSync(join(tmpdir(), 'nekube-assets-'));
  t.after(() => {
    execFileSync('chmod', ['-R', 'u+w', home]);
    rmSync(home, { recursive: true, force: true });
  });
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
  return { platform, arch: process.arch, env: {}, home };
}

const VERSIONS: ReadonlyArray<{ readonly text: string; readonly is: boolean }> = [
  { text: '1.36.3', is: true },
  { text: 'v1.36.3', is: true },
  { text: '1.36', is: true },
  { text: '1.36.x', is: true },
  { text: '1.x', is: true },
  { text: '1', is: true },
  { text: '~1.36.1', is: true },
  { text: '1.36.3!', is: true },
  { text: 'latest', is: true },
  { text: '1.36.2', is: false },
  { text: '~1.36.4', is: false },
  { text: '1.35.x', is: false },
  { text: '2', is: false },
  { text: '', is: false },
  { text: 'main', is: false },
];

describe('versions are asked for as of setup-envtest', () => {
  for (const { text, is } of VERSIONS)
    test(`${JSON.stringify(text)} ${is ? 'is' : 'is not'} the version that there is`, () => {
      if (is) assert.equal(readVersion(text), '1.36.3');
      else assert.throws(() => readVersion(text), AssetsError);
    });
});

test('folders have the names that setup-envtest gives them', () => {
  assert.equal(platformName('1.36.3', { platform: 'linux', arch: 'x64' }), '1.36.3-linux-amd64');
  assert.equal(platformName('1.36.3', { platform: 'darwin', arch: 'arm64' }), '1.36.3-darwin-arm64');
  assert.throws(() => platformName('1.36.3', { platform: 'win32', arch: 'x64' }), /for Linux and macOS/);
  const linux: Place = { platform: 'linux', arch: 'x64', env: {}, home: '/h' };
  assert.equal(setupEnvtestRoot(linux), '/h/.local/share/kubebuilder-envtest/k8s');
  assert.equal(setupEnvtestRoot({ ...linux, env: { XDG_DATA_HOME: '/x' } }), '/x/kubebuilder-envtest/k8s');
  const mac: Place = { ...linux, platform: 'darwin' };
  assert.equal(setupEnvtestRoot(mac), '/h/Library/Application Support/io.kubebuilder.envtest/k8s');
  assert.equal(cacheRoot(mac), '/h/Library/Caches/nekube/assets');
  assert.equal(cacheRoot({ ...linux, env: { XDG_CACHE_HOME: 'relative' } }), '/h/.cache/nekube/assets');
});

test('the folder has the three programs and plain files beside them, and is the same at the next call', (t) => {
  const place = placeIn(t);
  const first = ensureAssets({ place });
  assert.equal(basename(first.path), platformName('1.36.3', place));
  assert.equal(dirname(first.path), first.root);
  for (const name of ['kube-apiserver', 'etcd', 'kubectl'])
    assert.equal(lstatSync(join(first.path, name)).mode & 0o777, 0o755, name);
  assert.deepEqual(
    readdirSync(first.path).filter((name) => !lstatSync(join(first.path, name)).isFile()),
    [],
  );
  const before = lstatSync(join(first.path, MARK)).ino;
  assert.equal(ensureAssets({ place }).path, first.path);
  assert.equal(lstatSync(join(first.path, MARK)).ino, before);
});

test('processes that make the folder at once all get a whole one', async (t) => {
  const { home } = placeIn(t);
  const module = new URL('ensure.js', import.meta.url).href;
  const script = `import(${JSON.stringify(module)}).then(({ ensureAssets }) => console.log(ensureAssets({ dir: process.argv[1] }).path))`;
  const run = promisify(execFile);
  const paths = await Promise.all(
    Array.from({ length: 4 }, async () => (await run(process.execPath, ['-e', script, home])).stdout.trim()),
  );
  assert.equal(new Set(paths).size, 1);
  assert.deepEqual(readdirSync(dirname(paths[0]!)), [basename(paths[0]!)]);
  assert.equal(
    execFileSync(join(paths[0]!, 'kube-apiserver'), ['--version'], { encoding: 'utf8' }),
    'Kubernetes v1.36.3\n',
  );
});

test('another build is put in the place of ours, and nothing in the place of others', (t) => {
  const place = placeIn(t);
  const { path } = installAssets({ place });
  const mark = join(path, MARK);
  writeFileSync(mark, readFileSync(mark, 'utf8').replace(/"digest": "\w+"/, '"digest": "old"'));
  writeFileSync(join(path, 'of-old'), '');
  installAssets({ place });
  assert.equal(readdirSync(path).includes('of-old'), false);
  rmSync(mark);
  assert.throws(() => installAssets({ place }), /it is there, and is not nekube's/);
  assert.deepEqual(removeAssets({ place }), []);
  assert.equal(readdirSync(path).includes('etcd'), true);
});

test('what is installed under the name of another version is removed by it', (t) => {
  const place = placeIn(t);
  const { path, kubernetes } = installAssets({ place, as: 'v1.34.1' });
  assert.equal(path, join(setupEnvtestRoot(place), platformName('1.34.1', place)));
  assert.equal(kubernetes, '1.36.3');
  assert.throws(() => installAssets({ place, as: '1.34' }), /it is no version/);
  assert.deepEqual(removeAssets({ place, as: '1.34.1' }), [path]);
  assert.deepEqual(readdirSync(setupEnvtestRoot(place)), []);
});

test('flattened, without leave to write, through a link and without the Node that made them they start', (t) => {
  const { home } = placeIn(t);
  const { path } = ensureAssets({ dir: join(home, 'a b') });
  const flat = join(home, "it's flat");
  mkdirSync(flat);
  for (const name of readdirSync(path)) {
    const text = readFileSync(join(path, name));
    const moved = name === 'kube-apiserver' ? text.toString().replace(process.execPath, '/nowhere/node') : text;
    writeFileSync(join(flat, name), moved, { mode: 0o555 });
  }
  chmodSync(flat, 0o555);
  execFileSync('ln', ['-s', join(flat, 'kube-apiserver'), join(home, 'link')]);
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
  const version = execFileSync(join(home, 'link'), ['--version'], { encoding: 'utf8', env, cwd: '/' });
  assert.equal(version, 'Kubernetes v1.36.3\n');
  const help = execFileSync(join(home, 'link'), ['--help'], { encoding: 'utf8', env, cwd: '/' });
  assert.match(help, /^ {6}--etcd-servers strings /m);
});

test('Node is started with the flags that it knows, and without any where it is another one', (t) => {
  const { home } = placeIn(t);
  const { path } = ensureAssets({ dir: home });
  const told = join(home, 'node');
  writeFileSync(told, '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const own = readFileSync(join(path, 'etcd'), 'utf8').replace(`'${process.execPath}'`, `'${told}'`);
  writeFileSync(join(path, 'etcd-told'), own, { mode: 0o755 });
  const start = (env: object): string =>
    execFileSync(join(path, 'etcd-told'), ['--version'], { encoding: 'utf8', env: { ...process.env, ...env } });
  assert.match(start({ NEKUBE_NODE: '' }), /^--no-warnings --max-semi-space-size=1 .*load\.cjs etcd --version\n$/);
  assert.match(start({ NEKUBE_NODE: told }), /^--no-warnings \S*load\.cjs etcd --version\n$/);
});

test('kube-apiserver starts without the CAs that Node trusts, unless it is told which', (t) => {
  const { home } = placeIn(t);
  const { path } = ensureAssets({ dir: home });
  const told = join(home, 'node');
  writeFileSync(
    told,
    '#!/bin/sh\necho "$@" "extra=${NODE_EXTRA_CA_CERTS-none}" "own=${NEKUBE_EXTRA_CA_CERTS-none}"\n',
    {
      mode: 0o755,
    },
  );
  const start = (env: object): string =>
    execFileSync(join(path, 'kube-apiserver'), ['--version'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NEKUBE_NODE: told, ...env },
    });
  assert.match(start({}), /--use-openssl-ca .* extra=none own=\n$/);
  assert.match(start({ NODE_EXTRA_CA_CERTS: '/extra' }), /--use-openssl-ca .* extra=none own=\/extra\n$/);
  const chosen = { NODE_OPTIONS: '--use-bundled-ca', NODE_EXTRA_CA_CERTS: '/extra' };
  assert.match(start(chosen), /^--no-warnings \S*load\.cjs .* extra=\/extra own=none\n$/);
});

test('kubectl is the one on PATH, never itself, and else it is said how to have it', (t) => {
  const { home } = placeIn(t);
  const { path } = ensureAssets({ dir: home });
  const bin = join(home, 'bin');
  mkdirSync(bin);
  execFileSync('ln', ['-s', join(path, 'kubectl'), join(bin, 'kubectl')]);
  const kubectl = (PATH: string) => spawnSync(join(path, 'kubectl'), ['a b', '*'], { encoding: 'utf8', env: { PATH } });
  const system = spawnSync('sh', ['-c', 'for t in dirname readlink; do command -v $t; done'], { encoding: 'utf8' });
  const tools = join(home, 'tools');
  mkdirSync(tools);
  for (const tool of system.stdout.trim().split('\n')) execFileSync('ln', ['-s', tool, join(tools, basename(tool))]);
  const none = kubectl(`${path}:${bin}:${tools}`);
  assert.equal(none.status, 127);
  assert.match(none.stderr, /there is no kubectl on PATH; install it/);
  const real = join(home, 'real');
  mkdirSync(real);
  writeFileSync(join(real, 'kubectl'), '#!/bin/sh\nprintf "%s|" "$@"\n', { mode: 0o755 });
  assert.equal(kubectl(`${path}:${bin}:${real}:${tools}`).stdout, 'a b|*|');
});
