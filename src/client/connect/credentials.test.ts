import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../fake-clock.ts';
import type { ExecConfig } from '../kubeconfig/kubeconfig.ts';
import { TokenFile } from './credentials.ts';
import { ExecPlugin, type ExecResult } from './exec-plugin.ts';

describe('a token in a file', () => {
  test('is read again each minute, and at once when it was refused', async () => {
    const clock = new FakeClock();
    let token = 'one\n';
    let reads = 0;
    const source = new TokenFile('/t', clock, () => (reads++, token));
    const first = await source.current();
    assert.deepEqual(first, { authorization: 'Bearer one' });
    token = 'two';
    assert.equal(await source.current(), first);
    clock.tick(60_000);
    const second = await source.current();
    assert.deepEqual(second, { authorization: 'Bearer two' });
    token = 'three';
    await source.refused(second);
    assert.deepEqual(await source.current(), { authorization: 'Bearer three' });
    await source.refused(first);
    assert.equal(reads, 3);
  });

  test('stays what it was when it cannot be read, and must be there at first', async () => {
    const clock = new FakeClock();
    const texts = ['one', ''];
    const source = new TokenFile('/t', clock, () => texts.shift() ?? assert.fail('gone'));
    const first = await source.current();
    for (let i = 0; i < 2; i++) {
      clock.tick(60_000);
      assert.equal(await source.current(), first);
    }
    const missing = new TokenFile('/t', clock, () => '');
    await assert.rejects(missing.current(), { message: 'cannot read the token in "/t": it is empty' });
  });
});

describe('an exec plugin', () => {
  const V1 = 'client.authentication.k8s.io/v1';
  const config: ExecConfig = {
    apiVersion: V1,
    command: 'login',
    args: ['--now'],
    env: { A: 'b' },
    installHint: 'Install it from https://login.test',
    provideClusterInfo: true,
    interactiveMode: 'IfAvailable',
  };
  const printed = (status: unknown, apiVersion = V1): ExecResult => ({
    code: 0,
    stdout: JSON.stringify({ kind: 'ExecCredential', apiVersion, status }),
    stderr: '',
  });
  const missing = Object.assign(new Error('spawn login ENOENT'), { code: 'ENOENT' });

  function plugin(
    results: readonly (ExecResult | Error)[],
    options: { readonly config?: Partial<ExecConfig>; readonly isTerminal?: boolean } = {},
  ): {
    source: ExecPlugin;
    runs: { args: unknown; env: Record<string, unknown>; interactive: boolean }[];
    clock: FakeClock;
  } {
    const clock = new FakeClock(Date.UTC(2026, 0, 1));
    const runs: { args: unknown; env: Record<string, unknown>; interactive: boolean }[] = [];
    const left = [...results];
    const source = new ExecPlugin(
      { ...config, ...options.config },
      { server: 'https://k.test' },
      {
        clock,
        env: { PATH: '/bin' },
        isTerminal: options.isTerminal ?? false,
        run: async (command, args, { env, interactive }) => {
          runs.push({ args: [command, ...args], env, interactive });
          const result = left.shift() ?? assert.fail('ran once too often');
          if (result instanceof Error) throw result;
          return result;
        },
      },
    );
    return { source, runs, clock };
  }

  test('is told the version, the cluster, and whether it may ask', async () => {
    const { source, runs } = plugin([printed({ token: 't' })], { isTerminal: true });
    assert.deepEqual(await source.current(), { authorization: 'Bearer t' });
    const [{ args, env, interactive }] = runs as [(typeof runs)[0]];
    assert.deepEqual(args, ['login', '--now']);
    assert.deepEqual([env.PATH, env.A, interactive], ['/bin', 'b', true]);
    assert.deepEqual(JSON.parse(env.KUBERNETES_EXEC_INFO as string), {
      kind: 'ExecCredential',
      apiVersion: V1,
      spec: { cluster: { server: 'https://k.test' }, interactive: true },
    });
  });

  test('may not ask without a terminal, nor where it never does', async () => {
    for (const [mode, isTerminal] of [
      ['IfAvailable', false],
      ['Never', true],
    ] as const) {
      const { source, runs } = plugin([printed({ token: 't' })], { config: { interactiveMode: mode }, isTerminal });
      await source.current();
      assert.equal(runs[0]!.interactive, false);
    }
    const { source } = plugin([], { config: { interactiveMode: 'Always' } });
    await assert.rejects(source.current(), /exec plugin login must have a terminal, and standard input is none/);
  });

  test('gives what is good until it expires', async () => {
    const { source, runs, clock } = plugin([
      printed({ token: 'one', expirationTimestamp: '2026-01-01T01:00:00Z' }),
      printed({ clientCertificateData: 'C', clientKeyData: 'K' }),
    ]);
    assert.deepEqual(await source.current(), { authorization: 'Bearer one' });
    clock.tick(3_600_000);
    assert.deepEqual(await source.current(), { authorization: 'Bearer one' });
    clock.tick(1);
    assert.deepEqual(await source.current(), { cert: 'C', key: 'K' });
    assert.equal(runs.length, 2);
  });

  test('runs once for all who wait, and once for all who were refused', async () => {
    const { source, runs } = plugin([printed({ token: 'one' }), printed({ token: 'two' })]);
    const [a, b] = await Promise.all([source.current(), source.current()]);
    assert.equal(a, b);
    await Promise.all([source.refused(a), source.refused(a)]);
    await source.refused(a);
    assert.deepEqual(await source.current(), { authorization: 'Bearer two' });
    assert.equal(runs.length, 2);
  });

  const failures: readonly [string, ExecResult | Error, string][] = [
    ['is not there', missing, 'exec: executable login not found\n\nInstall it from https://login.test'],
    [
      'fails',
      { code: 3, stdout: 'secret', stderr: 'not logged in\n' },
      'exec: executable login failed with exit code 3: not logged in',
    ],
    ['prints no JSON', { code: 0, stdout: 'secret', stderr: '' }, 'exec plugin login printed no JSON'],
    [
      'prints something else',
      { code: 0, stdout: '{"token":"secret"}', stderr: '' },
      'exec plugin login printed no ExecCredential',
    ],
    [
      'answers in another version',
      printed({ token: 'secret' }, 'client.authentication.k8s.io/v1beta1'),
      `exec plugin login is configured to use API version ${V1}, and returned version client.authentication.k8s.io/v1beta1`,
    ],
    ['has no status', printed(undefined), "exec plugin login didn't return a status field"],
    ['has nothing', printed({ token: '' }), "exec plugin login didn't return a token or cert/key pair"],
    [
      'has half a certificate',
      printed({ clientCertificateData: 'x' }),
      'exec plugin login returned only certificate or key, not both',
    ],
    [
      'has a time that is none',
      printed({ token: 'secret', expirationTimestamp: 'soon' }),
      'exec plugin login returned an expirationTimestamp that is no time',
    ],
  ];
  for (const [name, result, message] of failures)
    test(`that ${name} is an error that tells nothing secret`, async () => {
      const { source } = plugin([result]);
      await assert.rejects(source.current(), { message: `getting credentials: ${message}` });
    });
});
