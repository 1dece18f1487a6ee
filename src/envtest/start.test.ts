import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { connect, FakeClock } from 'nekube/client';
import { ConfigMap, Event, Lease, Namespace, ServiceAccount } from 'nekube/client/kinds';
import { start } from './start.ts';

for (const level of ['fake', 'envtest'] as const)
  describe(`an environment at level ${level}`, () => {
    test('has a server of its own, beside others', async () => {
      const [one, other] = await Promise.all([start({ level }), start({ level })]);
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine', namespace: 'default' } };
      await one.client.create(object);
      await assert.rejects(other.client.get(ConfigMap, { namespace: 'default', name: 'mine' }), /"mine" not found/);
      assert.equal((await one.client.get(ConfigMap, { namespace: 'default', name: 'mine' })).metadata.name, 'mine');
      await Promise.all([one.stop(), other.stop()]);
    });

    test('knows users by their certificates, and what they may do', async () => {
      await using env = await start({ level });
      const jane = env.user({ name: 'jane', groups: ['devs'] });
      await assert.rejects(jane.list(ConfigMap), /User "jane" cannot list resource "configmaps"/);
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} } as KubeObject;
      const { status } = await jane.create(review);
      assert.deepEqual(status.userInfo.groups, ['devs', 'system:authenticated']);
    });

    test('makes namespaces that nobody else has', async () => {
      await using env = await start({ level });
      const names = await Promise.all([env.namespace(), env.namespace(), env.namespace('team')]);
      assert.equal(new Set(names).size, 3);
      assert.match(names[2]!, /^team-/);
      assert.equal((await env.client.get(Namespace, { name: names[0]! })).metadata.name, names[0]);
    });

    test('runs the built-in controllers that are asked for', async () => {
      await using env = await start({ level, controllers: ['serviceaccount-controller'] });
      const account = { namespace: await env.namespace(), name: 'default' };
      await env.eventually(() => env.client.get(ServiceAccount, account));
    });

    test('refuses a controller that there is not, with those that there are', async () => {
      const message = /"pods" is not in the list of known controllers; there are .*namespace-controller/;
      await assert.rejects(start({ level, controllers: 'all,pods' }), message);
    });

    test('stops once, and answers nobody afterwards', async () => {
      const env = await start({ level });
      await Promise.all([env.stop(), env.stop()]);
      await env.stop();
      await assert.rejects(env.client.list(Namespace));
    });
  });

test('built-in controllers wait by the clock of the environment, as a namespace does some seconds before it goes', async () => {
  await using env = await start({ level: 'fake', controllers: 'all' });
  const name = await env.namespace();
  await env.client.delete(Namespace, { name });
  const isGone = async (): Promise<boolean> =>
    (await env.client.list(Namespace)).items.every((one) => one.metadata.name !== name);
  await env.eventually(isGone, { timeoutMs: 60_000 });
});

test('a kubeconfig is for its owner only, and goes with the environment', async () => {
  const env = await start({ level: 'envtest' });
  const path = env.kubeconfig();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const client = await connect({ kubeconfig: path });
  assert.equal((await client.get(Namespace, { name: 'default' })).metadata.name, 'default');
  await client.close();
  await env.stop();
  assert.equal(existsSync(path), false);
});

test('a kubeconfig can be of another user, who may do what that one may', async () => {
  await using env = await start({ level: 'envtest' });
  const path = env.kubeconfig({ name: 'jane' });
  assert.notEqual(path, env.kubeconfig());
  const client = await connect({ kubeconfig: path });
  await assert.rejects(client.get(Namespace, { name: 'default' }), /User "jane" cannot get resource "namespaces"/);
  await client.close();
});

test('a fake environment has no kubeconfig, and says why', async () => {
  await using env = await start({ level: 'fake' });
  assert.throws(() => env.kubeconfig(), /Cannot write a kubeconfig at level fake: its server has no socket/);
});

test('a level that there is not is an error that names those there are', async () => {
  await assert.rejects(start({ level: 'fast' as never }), /"fast" \(from the option level\): it must be one of fake,/);
});

test('at level fake time passes when it is told to, also for what expires', async () => {
  const clock = new FakeClock(Date.UTC(2030, 4, 1));
  await using env = await start({ level: 'fake', clock });
  const lease = await env.client.create({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'l', namespace: 'default' },
  } as KubeObject);
  assert.equal(lease.metadata.creationTimestamp, '2030-05-01T00:00:00Z');
  const { namespace = '', name = '' } = lease.metadata;
  await env.client.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'default' },
    involvedObject: { kind: 'Lease', namespace: 'default', name: 'l' },
  } as KubeObject);
  await env.clock.advance(59 * 60_000);
  assert.equal((await env.client.list(Event)).items.length, 1);
  await env.clock.advance(2 * 60_000);
  assert.equal((await env.client.list(Event)).items.length, 0);
  assert.equal((await env.client.get(Lease, { namespace, name })).metadata.name, 'l');
});

for (const level of ['fake', 'envtest'])
  test(`an environment at ${level} that nobody stopped is told when the process ends, with the line that started it`, () => {
    const program = `
    import { start } from ${JSON.stringify(new URL('./index.js', import.meta.url).href)};
    const env = await start({ level: ${JSON.stringify(level)}, name: 'left behind' });
    await env.client.list({ apiVersion: 'v1', kind: 'Namespace' });
    if (env.level === 'envtest') console.log(env.kubeconfig());
    await (await start({ level: 'fake', name: 'ended' })).stop();`;
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 120_000,
    });
    const { stdout, stderr, status } = ended;
    assert.equal(status, 0);
    // its keys are not left behind
    if (level === 'envtest') assert.equal(existsSync(dirname(stdout.trim())), false);
    assert.match(stderr, new RegExp(`"left behind" \\(${level}\\) was never stopped; it was started at file:.*:3:23`));
    assert.doesNotMatch(stderr, /ended/);
  });

test('what a process that was killed left behind goes with the next one, and what others have stays', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-killed-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const run = (then: string) => {
    const program = `
    import { start } from ${JSON.stringify(new URL('./index.js', import.meta.url).href)};
    const env = await start({ level: 'envtest' });
    console.log(env.kubeconfig());
    ${then}`;
    const options = { encoding: 'utf8', timeout: 120_000, env: { ...process.env, TMPDIR: dir } } as const;
    return spawnSync(process.execPath, ['--input-type=module', '-e', program], options);
  };
  const killed = run("process.kill(process.pid, 'SIGKILL');");
  assert.equal(killed.signal, 'SIGKILL');
  const left = dirname(killed.stdout.trim());
  assert.equal(existsSync(left), true);
  const [name = '', pid = ''] = /-([0-9]+)-[^-]*$/.exec(left) ?? [];
  const others = [
    left.replace(name, name.replace(pid, String(process.pid))),
    left.replace(/nekube-envtest-[0-9a-f]{8}/, 'nekube-envtest-00000000'),
    join(dir, 'nekube-envtest-mine'),
  ];
  others.forEach((other) => mkdirSync(other));
  const file = left.replace(/.{6}$/, 'abcdef');
  writeFileSync(file, 'is no folder');
  assert.equal(run('await env.stop();').status, 0);
  assert.deepEqual(readdirSync(dir).sort(), [...others, file].map((path) => basename(path)).sort());
});

test('at level fake tokens expire by the clock of the test', async () => {
  await using env = await start({ level: 'fake' });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } };
  await env.client.create(account);
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {} } as KubeObject;
  const key = { namespace: 'default', name: 'robot' };
  const answer = await env.client.createSubresource({ apiVersion: 'v1', kind: 'ServiceAccount' }, key, 'token', {
    ...request,
    spec: { expirationSeconds: 600 },
  } as KubeObject);
  const review = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    metadata: {},
    spec: { token: answer.status.token },
  } as KubeObject;
  assert.equal((await env.client.create(review)).status.authenticated, true);
  // clocks may be a minute apart
  await env.clock.advance(12 * 60_000);
  assert.notEqual((await env.client.create(review)).status.authenticated, true);
});

test('nothing is written in an environment that nobody uses', async () => {
  for (let i = 0; i < 2; i++) {
    await using env = await start({ level: 'fake' });
    const { revision } = env.snapshot();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(env.snapshot().revision, revision);
  }
});
