import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { connect, FakeClock } from 'nekube/client';
import { ConfigMap } from 'nekube/client/kinds';
import { type FaultError, type FaultOptions, Faults } from './faults.ts';
import { start } from './start.ts';

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});
const key = { namespace: 'default', name: 'a' };

for (const level of ['fake', 'envtest'] as const)
  describe(`faults at level ${level}`, () => {
    const errors: readonly (readonly [FaultError, RegExp])[] = [
      ['conflict', /Operation cannot be fulfilled on configmaps "a": the object has been modified/],
      [404, /configmaps "a" not found/],
      ['forbidden', /configmaps "a" is forbidden/],
      [500, /Internal error occurred: a fault of the test/],
      [{ status: 'Failure', code: 418, message: 'short and stout' }, /short and stout/],
    ];
    test('answer instead of the server, so often as they are to', async () => {
      await using env = await start({ level });
      await env.client.create(configMap('a'));
      for (const [error, message] of errors) {
        const fault = env.faults.add({ match: { verb: 'update', resource: 'configmaps', name: 'a' }, times: 1, error });
        await assert.rejects(env.client.update(configMap('a', { changed: 'yes' })), message);
        assert.deepEqual((await env.client.get(ConfigMap, key)).data, undefined);
        assert.equal(fault.hits, 1);
      }
      assert.deepEqual(((await env.client.update(configMap('a', { now: 'yes' }))) as KubeObject).data, { now: 'yes' });
    });

    test('happen to whom they are meant for, until they are removed', async () => {
      await using env = await start({ level });
      const jane = env.user({ name: 'jane', groups: ['system:masters'] });
      const fault = env.faults.add({ match: { user: 'jane', verb: ['list', 'get'] }, error: 'forbidden' });
      await assert.rejects(jane.list(ConfigMap), /forbidden/);
      await env.client.list(ConfigMap);
      fault.remove();
      await jane.list(ConfigMap);
    });

    test('with a lost answer let the request be done', async () => {
      await using env = await start({ level });
      env.faults.add({ match: { verb: 'create' }, times: 1, loseAnswer: true });
      await assert.rejects(env.client.create(configMap('a')), (error) => !isStatusError(error));
      await env.client.get(ConfigMap, key);
    });

    test('break watches off after so many events', async () => {
      await using env = await start({ level });
      const names = async (): Promise<string[]> => {
        const seen: string[] = [];
        const { metadata } = await env.client.list(ConfigMap, { namespace: 'default' });
        const { resourceVersion = '' } = metadata;
        const watching = (async () => {
          for await (const { object } of env.client.watch(ConfigMap, { namespace: 'default', resourceVersion }))
            seen.push(object.metadata.name ?? '');
        })();
        watching.catch(() => {});
        await env.eventually(() => env.requests.where({ verb: 'watch' }).length === 1);
        for (const name of ['one', 'two', 'three']) await env.client.create(configMap(name));
        await assert.rejects(watching);
        return seen;
      };
      env.faults.add({ match: { verb: 'watch' }, dropWatchAfter: 2 });
      assert.deepEqual(await names(), ['one', 'two']);
    });

    test('answer reads as a cache that is behind', async () => {
      await using env = await start({ level });
      const old = await env.client.create(configMap('a', { is: 'old' }));
      await env.client.update(configMap('a', { is: 'new' }));
      await env.client.create(configMap('b'));
      const fault = env.faults.add({ match: { verb: ['get', 'list'] }, staleAsOf: old.metadata.resourceVersion ?? '' });
      assert.deepEqual((await env.client.get(ConfigMap, key)).data, { is: 'old' });
      assert.equal((await env.client.list(ConfigMap, { namespace: 'default' })).items.length, 1);
      fault.remove();
      assert.deepEqual((await env.client.get(ConfigMap, key)).data, { is: 'new' });
    });

    test('delay requests by the clock of the environment', async () => {
      await using env = await start({ level, clock: 'fake' });
      env.faults.add({ match: { verb: 'list' }, delayMs: 60_000 });
      let done = false;
      const listing = env.client.list(ConfigMap).then(() => (done = true));
      await env.eventually(() => env.requests.where({ verb: 'list' }).length === 1, { timeoutMs: 5000 });
      assert.equal(done, false);
      await env.clock.advance(60_000);
      await listing;
    });

    test('that say nothing are refused', async () => {
      await using env = await start({ level });
      assert.throws(() => env.faults.add({ times: 1 } as FaultOptions), /must say what goes wrong/);
    });
  });

test('programs that come by the kubeconfig meet faults too', async () => {
  await using env = await start({ level: 'envtest' });
  const client = await connect({ kubeconfig: env.kubeconfig() });
  env.faults.add({ match: { resource: 'configmaps' }, error: 'forbidden' });
  await assert.rejects(client.list(ConfigMap), /forbidden/);
  await client.close();
});

describe('faults that say what cannot be', () => {
  for (const [what, options, message] of [
    ['a name that is mistyped', { error: 'conflct' }, /must be a Status, or one of conflict, .*, not "conflct"/],
    ['a code that has no Status', { error: 418 }, /must be a Status, or one of/],
    ['nothing', { error: null }, /must be a Status, or one of/],
    ['a Status without a code', { error: { message: 'm' } }, /must have a code from 200 to 599/],
    ['a code that is no answer', { error: { code: 99 } }, /must have a code from 200 to 599, not 99/],
    ['a revision that is none', { staleAsOf: 'abc' }, /staleAsOf of a fault must be a number from 0, not "abc"/],
    ['a field that no request has', { error: 409, match: { ressource: 'pods' } }, /not by "ressource"/],
    ['less than no time', { delayMs: -5 }, /delayMs of a fault must be a number from 0/],
    ['no number', { error: 'conflict', times: Number.NaN }, /times of a fault must be a number from 0/],
  ] as const)
    test(`are refused: ${what}`, () => {
      assert.throws(() => new Faults(new FakeClock()).add(options as unknown as FaultOptions), {
        name: 'RangeError',
        message,
      });
    });
});
