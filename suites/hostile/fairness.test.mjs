// One client with as many requests as it likes does not keep others from being served.
import assert from 'node:assert/strict';
import https from 'node:https';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNekube } from '../servers.mjs';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

const GLOBAL = '{flow_schema="global-default",priority_level="global-default"}';

let server;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/**
 * A server where everybody may do everything, with few seats. A request may wait in a queue for a quarter of the time
 * it may take: longer than these tests may need on a busy machine.
 */
async function start({ flags = [], reading = 8, mutating = 4 } = {}) {
  const limits = ['--max-requests-inflight', `${reading}`, '--max-mutating-requests-inflight', `${mutating}`];
  const patience = ['--request-timeout', '8m'];
  server = await startNekube({ args: ['--authorization-mode', 'AlwaysAllow', ...limits, ...patience, ...flags] });
}

/** A request whose body is sent when it is told to, and its answer. */
class Held {
  constructor(user) {
    this.done = new Promise((resolve, reject) => {
      const { hostname, port } = new URL(server.url);
      const headers = {
        authorization: `Bearer ${server.token}`,
        'impersonate-user': user,
        'content-type': 'application/json',
        'content-length': 2,
      };
      const target = { hostname, port, path: CONFIG_MAPS, method: 'POST', headers, ca: server.ca, agent: false };
      this.request = https.request(target, (response) => {
        this.answer = response;
        response.resume().on('end', () => resolve(response));
      });
      this.request.on('error', reject);
      this.request.flushHeaders();
    });
    this.done.catch(() => {});
  }

  finish() {
    this.request.end('{}');
    return this.done;
  }
}

/** The answer to a GET of a user's, or of the administrator's. */
function get(user, path = CONFIG_MAPS) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const headers = { authorization: `Bearer ${server.token}`, ...(user && { 'impersonate-user': user }) };
    const request = https.get({ hostname, port, path, headers, ca: server.ca, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ code: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject);
  });
}

/** The value of a metric with its labels. */
async function metric(name) {
  const { text } = await get(undefined, '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length) ?? 0);
}

/** Waits until a condition holds, or a metric has a value. */
async function until(condition, value) {
  const holds = typeof condition === 'string' ? async () => (await metric(condition)) === value : condition;
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(50))
    assert.ok(Date.now() < end, `${condition} did not become ${value ?? 'true'}`);
}

/** So many requests of one user that do not end by themselves, all of them served or waiting, as are `others`. */
async function crowd(user, count, others = 0) {
  const held = Array.from({ length: count }, () => new Held(user));
  await until('apiserver_current_inflight_requests{request_kind="mutating"}', others + count);
  return held;
}

test('a client that takes all seats and queues up for more does not keep another from being served', async () => {
  await start();
  // these have seats, whichever of all comes first
  const seated = await crowd('elephant', 8);
  await until(`apiserver_flowcontrol_current_executing_requests${GLOBAL}`, 8);
  const queued = await crowd('elephant', 92, 8);
  const executing = await metric(`apiserver_flowcontrol_current_executing_requests${GLOBAL}`);
  assert.equal((await metric(`apiserver_flowcontrol_current_inqueue_requests${GLOBAL}`)) + executing, 100);
  let served;
  const mouse = get('mouse').then((answer) => (served = answer));
  await until(`apiserver_flowcontrol_current_inqueue_requests${GLOBAL}`, 101 - executing);
  assert.equal(served, undefined, 'there was no seat for it');
  // each queue has its turn, and the elephant has no more than a hand of them
  for (const request of seated) await request.finish();
  assert.equal((await mouse).code, 200);
  assert.ok((await metric(`apiserver_flowcontrol_current_inqueue_requests${GLOBAL}`)) > 50);
  for (const { request } of queued) request.destroy();
});

test('while one priority level is full, the administrator and other levels are served at once', async () => {
  // enough that levels keep some of the seats that they lend
  await start({ reading: 80, mutating: 40 });
  const elephant = await crowd('elephant', 150);
  assert.ok((await metric(`apiserver_flowcontrol_current_inqueue_requests${GLOBAL}`)) > 0);
  const answers = await Promise.all([
    get(undefined),
    get('system:kube-scheduler', '/api/v1/namespaces/kube-system/endpoints'),
    get('system:serviceaccount:default:one'),
  ]);
  assert.deepEqual(
    answers.map(({ code }) => code),
    [200, 200, 200],
  );
  for (const { request } of elephant) request.destroy();
});

test('what does not fit into the queues is rejected with 429, and clients that go away leave them', async () => {
  await start();
  const elephant = Array.from({ length: 400 }, () => new Held('elephant'));
  const rejected = `apiserver_flowcontrol_rejected_requests_total${GLOBAL.replace('}', ',reason="queue-full"}')}`;
  const states = ['current_executing_requests', 'current_inqueue_requests'];
  await until(async () => {
    const counts = states.map((state) => metric(`apiserver_flowcontrol_${state}${GLOBAL}`));
    const [executing, waiting, refused] = await Promise.all([...counts, metric(rejected)]);
    return executing + waiting + refused === 400 && refused > 0;
  });
  const { code, headers, text } = await get('elephant');
  assert.deepEqual([code, text], [429, 'Too many requests, please try again later.\n']);
  // more, once many were rejected for a while
  assert.match(headers['retry-after'], /^(1|2|4|8)$/);
  assert.ok(headers['x-kubernetes-pf-flowschema-uid']);
  for (const { request } of elephant) request.destroy();
  await until(`apiserver_flowcontrol_current_inqueue_requests${GLOBAL}`, 0);
  await until(`apiserver_flowcontrol_current_executing_requests${GLOBAL}`, 0);
  assert.equal((await get('elephant')).code, 200);
});

test('without priority and fairness, requests above the limit are rejected at once, but for the administrator', async () => {
  await start({ flags: ['--enable-priority-and-fairness=false'] });
  const elephant = await crowd('elephant', 4);
  const rejected = new Held('mouse');
  const answer = await rejected.done;
  assert.deepEqual([answer.statusCode, answer.headers['retry-after']], [429, '1']);
  assert.equal(answer.headers['x-kubernetes-pf-flowschema-uid'], undefined);
  assert.equal((await get('mouse')).code, 200);
  for (const { request } of elephant) request.destroy();
});

test('a watch holds a seat only until it has been told what there is', async () => {
  await start();
  const watches = Array.from({ length: 40 }, () => get('watcher', `${CONFIG_MAPS}?watch=1&timeoutSeconds=5`));
  await until(`apiserver_flowcontrol_dispatched_requests_total${GLOBAL}`, 40);
  await until(`apiserver_flowcontrol_current_executing_requests${GLOBAL}`, 0);
  assert.equal((await get('mouse')).code, 200);
  assert.deepEqual(
    (await Promise.all(watches)).map(({ code }) => code),
    Array(40).fill(200),
  );
});
