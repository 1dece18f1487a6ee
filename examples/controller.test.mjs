// A controller and its test, in one file: node --test examples/controller.test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Namespace } from 'nekube/client/kinds';
import { Manager } from 'nekube/controller';
import { start } from 'nekube/envtest';

/** Keeps a ConfigMap in every namespace that has a label for it. */
function addGreeter(manager) {
  manager
    .controller('greeter')
    .for(Namespace)
    .owns(ConfigMap)
    .reconcile(async ({ name }, { object, applyOwned }) => {
      const greeting = object?.metadata.labels?.greeting;
      if (greeting === undefined) return;
      await applyOwned({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'greeting', namespace: name },
        data: { greeting },
      });
    });
}

test('a greeting that somebody changes is put right', async (t) => {
  const env = await start(); // NEKUBE_TEST_LEVEL says where: fake, envtest (the default) or cluster
  const stop = new AbortController();
  const manager = new Manager({ client: env.client });
  addGreeter(manager);
  const running = manager.start(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
    await env.stop();
  });

  const namespace = await env.namespace();
  const key = { namespace, name: 'greeting' };
  await env.client.patch(Namespace, { name: namespace }, { merge: { metadata: { labels: { greeting: 'Hello' } } } });
  await env.eventually(() => env.client.get(ConfigMap, key));

  await env.client.patch(ConfigMap, key, { merge: { data: { greeting: 'Go away' } } });
  await env.eventually(async () => assert.equal((await env.client.get(ConfigMap, key)).data.greeting, 'Hello'));
});
