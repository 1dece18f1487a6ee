// The same tests at three levels: NEKUBE_TEST_LEVEL=fake|envtest|cluster; without it the first two.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fixedCertificate, Manager } from 'nekube/controller';
import { start } from 'nekube/envtest';
import { websiteWebhooks } from './webhook.mjs';
import { addWebsiteController, Deployment, Service, Website } from './website.mjs';

const config = (name) => fileURLToPath(new URL(`config/${name}`, import.meta.url));
const levels = process.env.NEKUBE_TEST_LEVEL ? [process.env.NEKUBE_TEST_LEVEL] : ['fake', 'envtest'];

for (const level of levels)
  describe(`a Website at level ${level}`, () => {
    let env, namespace, running;
    const stop = new AbortController();
    const domains = new Map();

    before(async () => {
      env = await start({ level, crds: [config('websites.yaml')], webhooks: [config('webhook.yaml')] });
      const hooks = websiteWebhooks(env.client, { certificates: fixedCertificate({ cert: '', key: '' }) });
      env.webhooks.serve((request) => hooks.answer(request));
      namespace = await env.namespace('websites');
      const manager = new Manager({ client: env.client, clock: env.clock, cache: { namespaces: [namespace] } });
      addWebsiteController(manager, domains);
      running = manager.start(stop.signal);
    });
    after(async () => {
      // in a cluster, what has a finalizer stays for ever when its controller has stopped
      await env.client.deleteAll(Website, { namespace });
      await env.eventually(async () => (await env.client.list(Website, { namespace })).items.length === 0);
      stop.abort();
      await running;
      await env?.stop();
    });

    const create = (name, spec) => env.client.create({ ...Website, metadata: { namespace, name }, spec });
    const ready = async (name) => {
      const { status } = await env.client.get(Website, { namespace, name });
      return status.conditions.find(({ type }) => type === 'Ready');
    };

    test('has a Deployment and a Service of its own', async () => {
      const { metadata } = await create('shop', { domain: 'shop.example', replicas: 2 });
      const key = { namespace, name: 'shop' };
      const { spec, metadata: owned } = await env.eventually(() => env.client.get(Deployment, key));
      assert.equal(spec.replicas, 2);
      assert.equal(owned.ownerReferences[0].uid, metadata.uid);
      await env.eventually(() => env.client.get(Service, key));
      assert.equal(domains.get('shop.example'), `${namespace}/shop`);
    });

    test('is ready when its Deployment is', async () => {
      await create('blog', { domain: 'blog.example' });
      await env.eventually(async () => assert.equal((await ready('blog')).reason, 'Waiting'));
      // no other controller runs here, so the test is the one that the Deployment would have
      const status = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
      await env.client.patch(Deployment, { namespace, name: 'blog' }, { merge: { status } }, { subresource: 'status' });
      await env.eventually(async () => assert.equal((await ready('blog')).status, 'True'));
    });

    test('takes back what others change in its Deployment', async () => {
      await create('wiki', { domain: 'wiki.example' });
      const key = { namespace, name: 'wiki' };
      await env.eventually(() => env.client.get(Deployment, key));
      await env.client.patch(Deployment, key, { merge: { spec: { replicas: 9 } } });
      await env.eventually(async () => (await env.client.get(Deployment, key)).spec.replicas === 1);
    });

    test('keeps its domain, which no other has', async () => {
      await create('news', { domain: 'news.example' });
      await assert.rejects(create('copy', { domain: 'news.example' }), /news\.example is the domain of .*\/news/);
      const change = { merge: { spec: { domain: 'olds.example' } } };
      const changed = env.client.patch(Website, { namespace, name: 'news' }, change);
      await assert.rejects(changed, /a website keeps its domain/);
    });

    test('for a while is small, and ends', async () => {
      const spec = { domain: 'fair.example', expiresAfterSeconds: 1 };
      await assert.rejects(create('fair', { ...spec, replicas: 4 }), /at most 3 replicas/);
      await create('fair', { ...spec, replicas: 3 });
      await env.eventually(async () => assert.equal((await ready('fair')).reason, 'Expired'));
      assert.equal((await env.client.get(Deployment, { namespace, name: 'fair' })).spec.replicas, 0);
    });

    test('gives its domain back before it is gone', async () => {
      await create('gone', { domain: 'gone.example' });
      const key = { namespace, name: 'gone' };
      await env.eventually(() => domains.has('gone.example'));
      await env.client.delete(Website, key);
      await env.eventually(() =>
        env.client.get(Website, key).then(
          () => false,
          () => true,
        ),
      );
      assert.equal(domains.has('gone.example'), false);
    });
  });
