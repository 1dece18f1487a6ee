import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Agent, request as secure } from 'node:https';
import { type KubeObject, newForbidden } from 'nekube/apimachinery';
import type { Client, Transport } from 'nekube/client';
import { HealthChecks } from '../health/health-checks.ts';
import { OpsServer, type OpsServerOptions } from '../serving/ops-server.ts';
import { meteredTransport } from './metered-transport.ts';
import { reviewedAccess } from './metrics-access.ts';
import { PrometheusMetrics } from './prometheus-metrics.ts';

test('a controller and its queue are counted by the names of controller-runtime', () => {
  const metrics = new PrometheusMetrics();
  const controller = metrics.controller('web');
  controller.observe(() => ({ workers: 2, active: 1 }));
  controller.reconciled('success', 20);
  controller.reconciled('error', 1);
  controller.failed('terminal');
  const queue = metrics.queue('web');
  queue.observe(() => ({
    depths: new Map([
      [0, 3],
      [-100, 1],
    ]),
    unfinishedMs: 1500,
    longestRunningMs: 1000,
  }));
  queue.added(0);
  queue.taken(5);
  queue.done(7);
  queue.retried();
  const election = metrics.leaderElection('web-lease');
  election.leading(true);
  election.slowPath();
  const text = metrics.registry.text();
  for (const line of [
    'controller_runtime_reconcile_total{controller="web",result="success"} 1',
    'controller_runtime_reconcile_total{controller="web",result="error"} 1',
    'controller_runtime_reconcile_total{controller="web",result="requeue_after"} 0',
    'controller_runtime_reconcile_errors_total{controller="web"} 1',
    'controller_runtime_terminal_reconcile_errors_total{controller="web"} 1',
    'controller_runtime_reconcile_panics_total{controller="web"} 0',
    'controller_runtime_reconcile_time_seconds_bucket{controller="web",le="0.025"} 2',
    'controller_runtime_reconcile_time_seconds_count{controller="web"} 2',
    'controller_runtime_max_concurrent_reconciles{controller="web"} 2',
    'controller_runtime_active_workers{controller="web"} 1',
    'workqueue_depth{name="web",controller="web",priority="0"} 3',
    'workqueue_depth{name="web",controller="web",priority="-100"} 1',
    'workqueue_adds_total{name="web",controller="web"} 1',
    'workqueue_retries_total{name="web",controller="web"} 1',
    'workqueue_queue_duration_seconds_bucket{name="web",controller="web",le="0.01"} 1',
    'workqueue_work_duration_seconds_sum{name="web",controller="web"} 0.007',
    'workqueue_unfinished_work_seconds{name="web",controller="web"} 1.5',
    'workqueue_longest_running_processor_seconds{name="web",controller="web"} 1',
    'leader_election_master_status{name="web-lease"} 1',
    'leader_election_slowpath_total{name="web-lease"} 1',
  ]) {
    assert.ok(text.includes(`\n${line}\n`), line);
  }
});

test('requests are counted by code, method and host, also those that were not answered', async () => {
  const metrics = new PrometheusMetrics();
  let fails = false;
  const inner: Transport = {
    url: 'https://10.0.0.1:6443',
    send: () =>
      fails ? Promise.reject(new Error('x')) : Promise.resolve({ status: 201, headers: {}, body: [] as never }),
    close: async () => {},
  };
  const transport = meteredTransport(inner, metrics);
  await transport.send({ method: 'POST', path: '/', headers: {} });
  fails = true;
  await assert.rejects(transport.send({ method: 'GET', path: '/', headers: {} }));
  const text = metrics.registry.text();
  assert.match(text, /rest_client_requests_total\{code="201",method="POST",host="10\.0\.0\.1:6443"\} 1/);
  assert.match(text, /rest_client_requests_total\{code="<error>",method="GET",host="10\.0\.0\.1:6443"\} 1/);
});

/** A cluster that knows two tokens, and who of them may read metrics. */
function reviews(): { client: Client; asked: string[] } {
  const asked: string[] = [];
  const create = async ({ kind, spec }: KubeObject): Promise<object> => {
    asked.push(kind!);
    if (kind === 'TokenReview') {
      if (spec.token === 'broken') throw newForbidden({ group: '', resource: 'tokenreviews' }, '', 'no');
      const known = spec.token === 'reader' || spec.token === 'writer';
      return { status: known ? { authenticated: true, user: { username: spec.token, groups: ['g'] } } : {} };
    }
    assert.deepEqual(spec.nonResourceAttributes, { path: '/metrics', verb: 'get' });
    return { status: { allowed: spec.user === 'reader' } };
  };
  return { client: { create } as unknown as Client, asked };
}

const ACCESS: readonly { authorization: string; status?: number; text?: string }[] = [
  { authorization: 'Bearer reader' },
  { authorization: '', status: 401, text: 'Unauthorized\n' },
  { authorization: 'Basic reader', status: 401, text: 'Unauthorized\n' },
  { authorization: 'Bearer unknown', status: 401, text: 'Unauthorized\n' },
  { authorization: 'Bearer writer', status: 403, text: 'Authorization denied for user writer\n' },
  { authorization: 'Bearer broken', status: 500, text: 'Authentication failed\n' },
];
for (const { authorization, status, text } of ACCESS) {
  test(`metrics for ${authorization || 'nobody'}: ${status ?? 'allowed'}`, async () => {
    const check = reviewedAccess({ client: reviews().client });
    const access = await check({ method: 'GET', path: '/metrics', authorization });
    assert.deepEqual(access, status === undefined ? { allowed: true } : { allowed: false, status, text });
  });
}

test('what the API server said of a token holds for a while', async () => {
  const { client, asked } = reviews();
  const clock = {
    ms: 0,
    now: () => 0,
    elapsed() {
      return this.ms;
    },
    after: () => () => {},
  };
  const check = reviewedAccess({ client, clock });
  const ask = () => check({ method: 'GET', path: '/metrics', authorization: 'Bearer reader' });
  await ask();
  await ask();
  assert.deepEqual(asked, ['TokenReview', 'SubjectAccessReview']);
  clock.ms = 61_000;
  await ask();
  assert.deepEqual(asked.slice(2), ['TokenReview']);
});

async function served(t: TestContext, options: Omit<OpsServerOptions, 'port'>): Promise<OpsServer> {
  const server = new OpsServer({ port: 0, ...options });
  const over = new AbortController();
  const running = server.start(over.signal);
  t.after(async () => {
    over.abort();
    await running;
  });
  await server.ready();
  return server;
}

test('metrics are served in the form that is asked for, beside health', async (t) => {
  const metrics = new PrometheusMetrics().registry;
  const bad = new HealthChecks().add('cache', () => Promise.reject(new Error('not synced')));
  const { url } = await served(t, { metrics, healthz: new HealthChecks(), readyz: bad, plain: true });
  const plain = await fetch(`${url}/metrics`);
  assert.equal(plain.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(await plain.text(), /process_resident_memory_bytes/);
  const open = await fetch(`${url}/metrics`, {
    headers: { Accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' },
  });
  assert.match(await open.text(), /# EOF\n$/);
  assert.equal(await (await fetch(`${url}/healthz`)).text(), 'ok');
  const ready = await fetch(`${url}/readyz`);
  assert.equal(ready.status, 500);
  assert.equal(await ready.text(), '[-]cache failed: reason withheld\nhealthz check failed\n');
  assert.equal((await fetch(`${url}/readyz/cache`)).status, 500);
  assert.equal((await fetch(`${url}/readyzx`)).status, 404);
  assert.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 405);
});

test('without a certificate of its own the server makes one; who may read is asked', async (t) => {
  const { url } = await served(t, {
    metrics: new PrometheusMetrics().registry,
    access: reviewedAccess({ client: reviews().client }),
  });
  assert.match(url, /^https:/);
  const statusFor = (authorization: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ rejectUnauthorized: false });
      secure(`${url}/metrics`, { agent, headers: { Authorization: authorization } }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .on('error', reject)
        .end();
    });
  assert.equal(await statusFor('Bearer reader'), 200);
  assert.equal(await statusFor('Bearer writer'), 403);
});

test('plain HTTP is for loopback alone', async () => {
  const server = new OpsServer({ port: 0, plain: true, host: '0.0.0.0' });
  await assert.rejects(server.start(new AbortController().signal), /Cannot serve plain HTTP at 0\.0\.0\.0/);
});
