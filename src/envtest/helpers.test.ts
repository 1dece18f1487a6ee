import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { protobufFacts } from 'nekube/api';
import { encodeProtobuf, type KubeObject, wrapUnknown } from 'nekube/apimachinery';
import { sleep } from 'nekube/client';
import { ConfigMap, Secret } from 'nekube/client/kinds';
import { start } from './start.ts';
import { testClock } from './test-clock.ts';
import { consistently, eventually, patienceOf } from './waiting.ts';

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});

describe('eventually', () => {
  test('gives what the function gave when it no longer threw', async () => {
    let tries = 0;
    const value = await eventually(testClock('fake'), () => {
      if (++tries < 3) throw new Error('not yet');
      return tries;
    });
    assert.equal(value, 3);
  });

  test('lets time pass under a fake clock', async () => {
    const clock = testClock('fake');
    let done = false;
    void sleep(2000, clock).then(() => (done = true));
    await eventually(clock, () => done);
    assert.ok(clock.elapsed() >= 2000 && clock.elapsed() < 2100);
  });

  test('fails with the last failure as its cause, and says for what and how long', async () => {
    const last = new Error('there are 2 of 3');
    const waiting = eventually(
      testClock('fake'),
      () => {
        throw last;
      },
      { timeoutMs: 50, what: 'third replica' },
    );
    await assert.rejects(waiting, (error: Error) => {
      assert.equal(error.message, 'There was no third replica within 50 ms (tried 6 times): there are 2 of 3');
      assert.equal(error.cause, last);
      return true;
    });
  });

  test('waits for as long as the environment says where the test does not', () => {
    for (const [said, patience] of [
      [undefined, 5000],
      ['', 5000],
      ['60000', 60_000],
    ] as const)
      assert.equal(patienceOf({ NEKUBE_TEST_PATIENCE_MS: said }), patience);
    for (const said of ['soon', '0', '-1', 'Infinity'])
      assert.throws(
        () => patienceOf({ NEKUBE_TEST_PATIENCE_MS: said }),
        new RangeError(`NEKUBE_TEST_PATIENCE_MS is "${said}": it must be a number of milliseconds, as 5000`),
      );
  });

  test('gives up an attempt that never settles when the time is over, and says so', async () => {
    const never = (): Promise<never> => new Promise(() => {});
    await assert.rejects(
      eventually(testClock('system'), never, { timeoutMs: 20, what: 'answer' }),
      /^Error: There was no answer within 20 ms \(tried 1 times\): the attempt did not settle$/,
    );
    let tries = 0;
    const once = (): Promise<never> => {
      if (tries++ > 0) return never();
      throw new Error('not yet');
    };
    await assert.rejects(eventually(testClock('fake'), once, { timeoutMs: 20 }), (error: Error) => {
      const hint = 'while it is under way no time passes by the fake clock';
      const why = `the attempt did not settle; ${hint}; the one before failed: not yet`;
      assert.equal(error.message, `It did not come about within 20 ms (tried 2 times): ${why}`);
      assert.equal((error.cause as Error).message, 'not yet');
      return true;
    });
  });

  test('gives up an attempt under way when its signal is aborted', async () => {
    const stop = new AbortController();
    const waiting = eventually(testClock('system'), () => new Promise(() => {}), { signal: stop.signal });
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, /^Error: enough$/);
  });
});

test('consistently fails at the first failure, and says when', async () => {
  const clock = testClock('fake');
  const began = clock.elapsed();
  const early = consistently(clock, () => clock.elapsed() - began < 30, { what: 'the quiet' });
  await assert.rejects(early, /the quiet did not last: after 30 of 500 ms: it gave false/);
  assert.equal(await consistently(clock, () => 'fine', { timeoutMs: 20 }), 'fine');
});

for (const level of ['fake', 'envtest'] as const)
  describe(`at level ${level}`, () => {
    test('events of several kinds are recorded in the order of the server', async () => {
      await using env = await start({ level });
      const events = await env.record(ConfigMap, Secret);
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' } };
      await env.client.create(configMap('a'));
      await env.client.create(secret);
      await env.client.delete(ConfigMap, { namespace: 'default', name: 'a' });
      const lines = ['ADDED ConfigMap default/a', 'ADDED Secret default/s', 'DELETED ConfigMap default/a'];
      const found = await events.sequence(lines);
      assert.deepEqual(events.lines, lines);
      assert.equal(found[2]!.object.metadata.name, 'a');
      await assert.rejects(
        events.sequence(['ADDED Secret default/t'], { timeoutMs: 30 }),
        /"ADDED Secret default\/t" did not come; what came: ADDED/,
      );
    });

    test('the past is read as of a revision', async () => {
      await using env = await start({ level });
      const old = await env.client.create(configMap('a', { is: 'old' }));
      await env.client.update(configMap('a', { is: 'new' }));
      await env.client.create(configMap('b'));
      const past = env.at(old.metadata.resourceVersion ?? '');
      assert.deepEqual((await past.get(ConfigMap, { name: 'a' })).data, { is: 'old' });
      assert.equal((await past.list(ConfigMap, { namespace: 'default' })).items.length, 1);
      await assert.rejects(past.get(ConfigMap, { name: 'b' }), /configmaps "b" not found/);
    });

    test('a revision that is yet to come is refused at once, with the one that is', async () => {
      await using env = await start({ level });
      const { metadata } = await env.client.create(configMap('a'));
      const future = env.at(Number(metadata.resourceVersion) + 1);
      const why = `it is yet to come, the current one is ${metadata.resourceVersion}`;
      const message = `Cannot read the state as of revision ${future.revision}: ${why}`;
      await assert.rejects(future.list(ConfigMap, { namespace: 'default' }), { name: 'RangeError', message });
      await assert.rejects(future.get(ConfigMap, { name: 'a' }), { name: 'RangeError', message });
      await env.client.create(configMap('b'));
      assert.equal((await future.list(ConfigMap, { namespace: 'default' })).items.length, 2);
    });

    test('requests are logged with who made them and what came of it, and no line shows a secret', async () => {
      await using env = await start({ level });
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: 's',
          namespace: 'default',
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"password":"hunter2"}}' },
        },
        stringData: { password: 'hunter2' },
      };
      await env.client.create(secret);
      const password = { op: 'replace', path: '/data/password', value: btoa('hunter2') } as const;
      await env.client.patch(Secret, { namespace: 'default', name: 's' }, { json: [password] });
      const jane = env.user({ name: 'jane' }, { userAgent: 'janes/1' });
      await assert.rejects(jane.get(Secret, { namespace: 'default', name: 's' }));
      const [created] = env.requests.where({ verb: 'create', resource: 'secrets' });
      assert.deepEqual(
        [created?.user, created?.code, (created?.body as typeof secret | undefined)?.stringData.password],
        ['admin', 201, 'hunter2'],
      );
      const [refused] = env.requests.where({ user: 'jane', verb: 'get' });
      assert.deepEqual([refused?.code, refused?.userAgent, refused?.name], [403, 'janes/1', 's']);
      const printed = `${env.requests} ${inspect(env.requests)} ${JSON.stringify(env.requests.all)}`;
      assert.match(printed, /admin create secrets default 201 .*"stringData":\{"password":"<hidden>"\}/);
      assert.doesNotMatch(printed, /hunter2|aHVudGVyMg/);
    });

    test('what is sent in protobuf can be read, and its secrets are hidden as well', async () => {
      await using env = await start({ level });
      const object = { metadata: { name: 'p' }, stringData: { password: 'hunter2' } };
      const raw = encodeProtobuf(protobufFacts().kinds['v1/Secret']!, object, protobufFacts());
      await env.client.raw({
        method: 'POST',
        path: '/api/v1/namespaces/default/secrets',
        headers: { 'content-type': 'application/vnd.kubernetes.protobuf', accept: 'application/json' },
        body: wrapUnknown({ apiVersion: 'v1', kind: 'Secret', raw }),
      });
      const [created] = env.requests.where({ verb: 'create', resource: 'secrets' }).slice(-1);
      assert.equal((created?.body as typeof object | undefined)?.stringData.password, 'hunter2');
      assert.doesNotMatch(`${created}`, /hunter2|aHVudGVyMg/);
    });
  });
