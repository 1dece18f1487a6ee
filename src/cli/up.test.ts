import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

/** A folder that is gone after the test. */
function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-up-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface Running {
  readonly url: string;
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** The exit code, or the signal's name. */
  stop(signal: NodeJS.Signals): Promise<number | string | null>;
}

/** Starts `nekube up` in a folder and waits until it says that it is ready. */
async function up(t: TestContext, dir: string, args: readonly string[] = []): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, 'up', '--listen', '127.0.0.1:0', ...args], { cwd: dir });
  const ended = new Promise<number | string | null>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal)),
  );
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then((code) => reject(new Error(`ended with ${code}: ${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const ready = /^nekube: ready (https:\S+) in \d+ ms$/m.exec(said);
      if (ready !== null) resolve(ready[1]!);
    });
  });
  const stop = (signal: NodeJS.Signals): Promise<number | string | null> => {
    child.kill(signal);
    return ended;
  };
  return { url, child, stderr: () => said, stop };
}

/** The certificates and key of a kubeconfig. */
function credentials(kubeconfig: string): { ca: string; cert: string; key: string } {
  const text = readFileSync(kubeconfig, 'utf8');
  const field = (name: string): string =>
    Buffer.from(new RegExp(`${name}: (\\S+)`).exec(text)![1]!, 'base64').toString();
  return {
    ca: field('certificate-authority-data'),
    cert: field('client-certificate-data'),
    key: field('client-key-data'),
  };
}

interface Answer {
  readonly code: number | undefined;
  // biome-ignore lint: whatever the server says
  readonly body: any;
}

function send(url: string, options: object, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = { agent: false as const, headers: { 'content-type': 'application/json' }, ...options };
    const req = request(url, all, async (res) => {
      const text = (await res.toArray()).join('');
      resolve({ code: res.statusCode, body: text.startsWith('{') ? JSON.parse(text) : text });
    });
    req.on('error', reject);
    req.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' }, data: { a: '1' } };
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

test('the kubeconfig is for its owner only, and its bearer is the admin', async (t) => {
  const dir = tempDir(t);
  const server = await up(t, dir, ['--storage', 'memory', '--kubeconfig', 'config']);
  const file = join(dir, 'config');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, 'utf8'), new RegExp(`server: ${server.url}\n`));
  assert.deepEqual(await send(`${server.url}/readyz`, credentials(file)), { code: 200, body: 'ok' });
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const { body } = await send(server.url + path, { ...credentials(file), method: 'POST' }, review);
  assert.equal(body.status.userInfo.username, 'admin');
  assert.deepEqual(body.status.userInfo.groups, ['system:masters', 'system:authenticated']);
  assert.equal(await server.stop('SIGTERM'), 0);
  assert.equal(server.stderr().trim().split('\n').length, 1);
});

test('controllers run beside the server, stay silent, and end with it', async (t) => {
  const dir = tempDir(t);
  const chosen = ['--controllers', 'serviceaccount-controller,root-ca-certificate-publisher-controller'];
  const server = await up(t, dir, ['--storage', 'memory', ...chosen]);
  const access = credentials(join(dir, '.nekube/kubeconfig'));
  const there = async (path: string): Promise<Answer> => {
    for (;;) {
      const answer = await send(server.url + path, access);
      if (answer.code === 200) return answer;
    }
  };
  await there('/api/v1/namespaces/kube-system/serviceaccounts/default');
  const { body } = await there('/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt');
  assert.deepEqual(body.data, { 'ca.crt': access.ca });
  assert.equal(body.metadata.managedFields[0].manager, 'kube-controller-manager');
  assert.equal(await server.stop('SIGTERM'), 0);
  assert.equal(server.stderr().trim().split('\n').length, 1);
});

for (const [flag, value] of [
  ['--images', 'fake'],
  ['--network', 'virtual'],
] as const)
  test(`${flag} without nodes is refused`, () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'up', '--storage', 'memory', flag, value], {
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, new RegExp(`${flag} is about nodes, and there are none\n.*add --nodes 1`));
  });

test('tokens of the token file are users; without credentials nothing can be read', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'tokens.csv'), 'secret,jane,u1,"system:masters"\nother,joe,u2\n');
  const server = await up(t, dir, ['--storage', 'memory', '--token-auth-file', 'tokens.csv']);
  const { ca } = credentials(join(dir, '.nekube/kubeconfig'));
  const as = (token: string): object => ({ ca, headers: token === '' ? {} : { authorization: `Bearer ${token}` } });
  assert.equal((await send(server.url + CONFIG_MAPS, as('secret'))).code, 200);
  assert.equal((await send(server.url + CONFIG_MAPS, as('other'))).code, 403);
  assert.equal((await send(server.url + CONFIG_MAPS, as('wrong'))).code, 401);
  assert.equal((await send(server.url + CONFIG_MAPS, as(''))).code, 403);
  assert.equal(await server.stop('SIGINT'), 0);
});

test('with AlwaysAllow every user may do everything', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'tokens.csv'), 'other,joe,u2\n');
  const flags = ['--storage', 'memory', '--token-auth-file', 'tokens.csv', '--authorization-mode', 'AlwaysAllow'];
  const server = await up(t, dir, flags);
  const { ca } = credentials(join(dir, '.nekube/kubeconfig'));
  assert.equal((await send(server.url + CONFIG_MAPS, { ca, headers: { authorization: 'Bearer other' } })).code, 200);
  assert.equal(await server.stop('SIGTERM'), 0);
});

test('data and certificates are there at the next start, and a watch does not delay the end', async (t) => {
  const dir = tempDir(t);
  const first = await up(t, dir);
  const access = credentials(join(dir, '.nekube/kubeconfig'));
  assert.equal(
    (
      await send(
        first.url + CONFIG_MAPS,
        { ...access, method: 'POST', headers: { 'content-type': 'application/json' } },
        configMap,
      )
    ).code,
    201,
  );
  const watch = request(`${first.url}${CONFIG_MAPS}?watch=1`, access);
  watch.on('error', () => {});
  const opened = new Promise((resolve) =>
    watch.on('response', (res) => res.on('error', () => {}).once('data', resolve)),
  );
  watch.end();
  await opened;
  assert.equal(await first.stop('SIGTERM'), 0);

  const second = await up(t, dir);
  const { code, body } = await send(`${second.url}${CONFIG_MAPS}/kept`, access);
  assert.equal(code, 200);
  assert.deepEqual(body.data, { a: '1' });
  assert.equal(await second.stop('SIGTERM'), 0);
});

test('a second process on the same data is refused and told how to go on', async (t) => {
  const dir = tempDir(t);
  const server = await up(t, dir);
  const second = spawnSync(process.execPath, [MAIN, 'up', '--listen', '127.0.0.1:0'], { cwd: dir, encoding: 'utf8' });
  assert.equal(second.status, 2);
  assert.match(
    second.stderr,
    /^error: Cannot open storage ".*": it is in use by process \d+\n {2}fix: end that process, or/,
  );
  assert.equal(await server.stop('SIGTERM'), 0);
});

for (const { what, flag, args } of [
  { what: 'listen', flag: '--listen', args: [] },
  { what: 'serve the console', flag: '--console', args: ['--listen', '127.0.0.1:0'] },
])
  test(`an address for ${flag} that is in use is named, with the flag that helps`, async (t) => {
    const dir = tempDir(t);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    t.after(() => taken.close());
    const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    const all = [MAIN, 'up', '--storage', 'memory', ...args, flag, address];
    const { status, stderr } = spawnSync(process.execPath, all, { cwd: dir, encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(
      stderr,
      new RegExp(`^error: Cannot ${what} on ${address}: the address is in use\n {2}fix: .*${flag}`, 'm'),
    );
  });

test('a snapshot of a running server is restored into a new directory', async (t) => {
  const dir = tempDir(t);
  const nekube = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { cwd: dir, encoding: 'utf8' });
  const first = await up(t, dir);
  const access = credentials(join(dir, '.nekube/kubeconfig'));
  await send(
    first.url + CONFIG_MAPS,
    { ...access, method: 'POST', headers: { 'content-type': 'application/json' } },
    configMap,
  );
  const saved = nekube('snapshot', 'save', 'file');
  assert.match(saved.stderr, /^nekube: saved \d+ entries at revision \d+ to file\n$/);
  assert.equal(await first.stop('SIGTERM'), 0);
  const restored = nekube('snapshot', 'restore', '--storage', 'lmdb:new', 'file');
  assert.equal(restored.stderr, saved.stderr.replace('saved', 'restored').replace('to file', 'into lmdb:new'));

  const second = await up(t, dir, ['--storage', 'lmdb:new']);
  const { body } = await send(`${second.url}${CONFIG_MAPS}/kept`, credentials(join(dir, '.nekube/kubeconfig')));
  assert.deepEqual(body.data, { a: '1' });
  assert.equal(await second.stop('SIGTERM'), 0);
});

const COMPLETED: ReadonlyArray<{ line: string; words: string }> = [
  {
    line: 'nekube ',
    words: 'up console version snapshot assets codegen init own audit gateway kep lb weekly xds completion help',
  },
  { line: 'nekube version --output=y', words: 'yaml' },
  { line: 'nekube up --storage lm', words: 'lmdb:' },
  { line: 'nekube up --gateway=', words: 'embedded envoy' },
  { line: 'nekube up --token-auth-file tok', words: 'tokens.csv' },
  { line: 'nekube up --storage lmdb:tok', words: '' },
];

for (const { line, words } of COMPLETED) {
  test(`bash completes "${line}" to "${words}"`, (t) => {
    if (spawnSync('bash', ['--version']).status !== 0) return t.skip('bash is not installed');
    const dir = tempDir(t);
    writeFileSync(join(dir, 'tokens.csv'), '');
    const script = `nekube() { "${process.execPath}" "${MAIN}" "$@"; }
      source <(nekube completion bash)
      COMP_LINE=$1 COMP_POINT=\${#1}
      _nekube
      echo "\${COMPREPLY[*]}"`;
    const { stdout } = spawnSync('bash', ['-c', script, 'bash', line], { cwd: dir, encoding: 'utf8' });
    assert.equal(stdout, `${words}\n`);
  });
}
