// The console's server, asked as browsers and as strangers ask: who gets in, what goes through, and as whom.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { ask, signIn } from './browser.mjs';

const VIEWER = { user: 'victor', groups: ['viewers'] };

describe('the console', () => {
  let env;
  let running;
  let admin;
  let viewer;
  let now = 1_000_000;

  before(async () => {
    env = await start();
    running = await startConsole({
      transport: env.client.transport,
      listen: { host: '127.0.0.1', port: 0 },
      now: () => now,
    });
    await env.client.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'viewer' },
      rules: [
        {
          apiGroups: ['', 'example.com'],
          resources: ['configmaps', 'pods', 'things'],
          verbs: ['get', 'list', 'watch'],
        },
      ],
    });
    await env.client.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'viewers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'viewer' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'viewers' }],
    });
    admin = await signIn(running.link());
    viewer = await signIn(running.link(VIEWER));
  });
  after(async () => {
    await running?.close();
    await env?.stop();
  });

  const configMap = (name, data = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  const CONFIG_MAPS = '/k8s/api/v1/namespaces/default/configmaps';
  const status = ({ code, json }) => `${code} ${json().reason ?? ''}`.trim();

  describe('a link signs in', () => {
    test('once', async () => {
      const link = running.link();
      assert.equal((await ask(link)).code, 200);
      assert.equal(status(await ask(link)), '401 Unauthorized');
    });

    test('one of those that open it at the same time', async () => {
      const link = running.link();
      const codes = (await Promise.all(Array.from({ length: 8 }, () => ask(link)))).map(({ code }) => code);
      assert.deepEqual(codes.sort(), [200, ...Array(7).fill(401)]);
    });

    test('not after ten minutes', async () => {
      const link = running.link();
      now += 10 * 60_000;
      assert.equal((await ask(link)).code, 401);
    });

    test('not when a browser fetches it before it is opened', async () => {
      const link = running.link();
      assert.equal((await ask(link, { headers: { 'sec-purpose': 'prefetch' } })).code, 405);
      assert.equal((await ask(link, { method: 'HEAD' })).code, 405);
      assert.equal((await ask(link)).code, 200);
    });

    test('into a session that only its own browser and pages have', async () => {
      const [cookie] = (await ask(running.link())).headers['set-cookie'];
      assert.match(cookie, /^nekube_session_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    });

    test('and another browser, when one is signed in', async () => {
      const { url } = (await viewer.fetch('/console/link', { method: 'POST' })).json();
      const other = await signIn(url);
      assert.equal((await other.fetch('/console/session')).json().user.username, 'victor');
    });
  });

  test('a session says who it is of', async () => {
    const { csrf, ...session } = (await viewer.fetch('/console/session')).json();
    assert.match(csrf, /^[\w-]{43}$/);
    assert.deepEqual(session.user, { username: 'victor', groups: ['viewers', 'system:authenticated'] });
    assert.equal(session.fieldManager, 'nekube-console');
    assert.match(session.server.gitVersion, /^v1\./);
  });

  test('a session ends when it is signed out of, and with it its watches', async () => {
    const browser = await signIn(running.link());
    const watches = await browser.watches();
    assert.equal((await browser.fetch('/console/signout', { method: 'POST' })).code, 200);
    assert.equal(await watches.closed, 1001);
    assert.equal(status(await browser.fetch('/console/session')), '401 Unauthorized');
  });

  test('a session ends when nothing was asked in it for twelve hours, and with it its watches', async () => {
    const browser = await signIn(running.link());
    const watches = await browser.watches();
    const stays = await signIn(running.link());
    now += 12 * 3_600_000 - 1;
    assert.equal((await stays.fetch('/console/session')).code, 200);
    now += 1;
    assert.equal((await stays.fetch('/console/session')).code, 200);
    assert.equal(await watches.closed, 1001);
    assert.equal(status(await browser.fetch('/console/session')), '401 Unauthorized');
    admin = await signIn(running.link());
    viewer = await signIn(running.link(VIEWER));
  });

  test('an answer that goes on ends with the session', async () => {
    const browser = await signIn(running.link());
    const answer = await fetch(`${running.url}${CONFIG_MAPS}?watch=1`, { headers: { cookie: browser.cookie } });
    assert.equal(answer.status, 200);
    await browser.fetch('/console/signout', { method: 'POST' });
    await assert.rejects(answer.text(), /terminated/);
  });

  describe('requests to the cluster', () => {
    test('are made as the user who is signed in', async () => {
      assert.equal((await viewer.fetch(CONFIG_MAPS)).code, 200);
      const write = { method: 'POST', body: configMap('mine') };
      const refused = await viewer.fetch(CONFIG_MAPS, write);
      assert.equal(status(refused), '403 Forbidden');
      assert.match(refused.json().message, /User "victor" cannot create resource "configmaps"/);
      assert.equal((await admin.fetch(CONFIG_MAPS, write)).code, 201);
    });

    test('are not those of whom a browser names', async () => {
      const headers = { authorization: 'Bearer x', 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' };
      const refused = await viewer.fetch(CONFIG_MAPS, { method: 'POST', body: configMap('theirs'), headers });
      assert.match(refused.json().message, /User "victor" cannot create/);
    });

    test('carry an object of 1 MB', async () => {
      const big = configMap('big', { text: 'x'.repeat(1_000_000) });
      assert.equal((await admin.fetch(CONFIG_MAPS, { method: 'POST', body: big })).code, 201);
      const read = (await admin.fetch(`${CONFIG_MAPS}/big`)).json();
      assert.equal(read.data.text.length, 1_000_000);
      const tooBig = configMap('more', { text: 'x'.repeat(4_000_000) });
      const refused = await admin.fetch(CONFIG_MAPS, { method: 'POST', body: tooBig });
      assert.equal(status(refused), '413 RequestEntityTooLarge');
    });

    test('without a session are refused', async () => {
      const [cookie] = viewer.cookie.split('=');
      assert.equal(status(await ask(running.url + CONFIG_MAPS)), '401 Unauthorized');
      const wrong = { headers: { cookie: `${cookie}=${'A'.repeat(43)}` } };
      assert.equal(status(await ask(running.url + CONFIG_MAPS, wrong)), '401 Unauthorized');
    });

    const strangers = [
      ['without the token of the session', { 'x-nekube-csrf': 'x' }],
      ['from a page of another site', { origin: 'https://example.com' }],
      ['from a page on another port', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
      ['from a page without an origin', { origin: 'null' }],
      ['from another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ];
    for (const [name, headers] of strangers)
      test(`that write are refused ${name}`, async () => {
        const refused = await admin.fetch(CONFIG_MAPS, { method: 'POST', body: configMap('forged'), headers });
        assert.equal(status(refused), '403 Forbidden');
        assert.equal((await admin.fetch(`${CONFIG_MAPS}/forged`)).code, 404);
      });

    test('that write are refused where they say nothing of where they are from', async () => {
      const { csrf } = (await admin.fetch('/console/session')).json();
      const headers = { cookie: admin.cookie, 'x-nekube-csrf': csrf, 'content-type': 'application/json' };
      const body = JSON.stringify(configMap('forged'));
      const refused = await ask(admin.origin, { method: 'POST', path: CONFIG_MAPS, headers, body });
      assert.equal(status(refused), '403 Forbidden');
    });

    const paths = [
      ['/k8s//api/v1/pods', 'an empty part'],
      ['/k8s/api/../api/v1/pods', '. or .. as a part'],
      ['/k8s/api/%2e%2E/version', '. or .. as a part'],
      ['/k8s/api/v1/namespaces/default%2fpods', 'an escaped character that no name has'],
      ['/k8s/api/v1\\pods', 'characters that must be escaped'],
      ['/k8s/api/v1/pods%', 'a percent sign that escapes nothing'],
      ['/k8s/api/v1/namespaces/a/services/b/proxy/index.html', 'is of a proxy'],
      ['/k8s/api/v1/namespaces/a/pods/b/%70roxy', 'is of a proxy'],
      ['/k8s/api/v1/nodes/a/proxy/metrics', 'is of a proxy'],
      ['http://127.0.0.1:1/k8s/api', 'must begin with a slash'],
    ];
    for (const [path, why] of paths)
      test(`are refused when their path is ${path}`, async () => {
        const refused = await ask(admin.origin, { path, headers: { cookie: admin.cookie } });
        assert.equal(status(refused), '400 BadRequest');
        assert.match(refused.json().message, new RegExp(why));
      });

    test('whose namespace is called proxy go through', async () => {
      assert.equal((await admin.fetch('/k8s/api/v1/namespaces/proxy/pods')).code, 200);
    });

    test('for another protocol are refused', async () => {
      const headers = { cookie: admin.cookie, connection: 'upgrade', upgrade: 'websocket', origin: admin.origin };
      const key = { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13' };
      const path = '/k8s/api/v1/namespaces/default/pods/a/exec?command=sh&stdin=true';
      const refused = await ask(admin.origin, { path, headers: { ...headers, ...key } });
      assert.equal(status(refused), '400 BadRequest');
    });
  });

  test('a name of a stranger that leads here is not answered', async () => {
    for (const host of ['example.com', `example.com:${new URL(running.url).port}`, '127.0.0.1', 'localhost:1'])
      assert.equal((await ask(running.url, { headers: { host } })).code, 421);
    const { port } = new URL(running.url);
    assert.notEqual((await ask(running.url, { headers: { host: `localhost:${port}` } })).code, 421);
  });

  test('nor does the name of a stranger get a connection for watches, with an origin of that name', async () => {
    const { port } = new URL(running.url);
    const key = { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13' };
    const upgrade = { connection: 'upgrade', upgrade: 'websocket', cookie: admin.cookie, ...key };
    const host = `example.com:${port}`;
    const refused = await ask(running.url, {
      path: '/console/watch',
      headers: { ...upgrade, host, origin: `http://${host}` },
    });
    assert.equal(refused.code, 421);
  });

  test('all answers keep browsers strict, and have no credential', async () => {
    const answers = [
      await ask(running.link()),
      await ask(`${running.url}/signin?token=x`, { headers: { accept: 'text/html' } }),
      await ask(running.url),
      await ask(`${running.url}/assets/none.js`),
      await ask(running.url, { headers: { host: 'example.com' } }),
      await admin.fetch('/console/session'),
      await admin.fetch('/console/none'),
      await admin.fetch('/k8s/version'),
      await admin.fetch('/k8s/api/v1/none'),
      await admin.fetch('/k8s/api/../x'),
    ];
    for (const { headers, text } of answers) {
      assert.match(headers['content-security-policy'], /^default-src 'none';.*frame-ancestors 'none'/);
      assert.doesNotMatch(headers['content-security-policy'], /unsafe|\*|https?:/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.doesNotMatch(text + JSON.stringify(headers), /PRIVATE KEY|Bearer|BEGIN CERTIFICATE/);
    }
  });

  describe('watches', () => {
    const eventNames = (events) => events.map(({ type, object }) => `${type} ${object.metadata.name}`);
    const revision = async () => (await admin.fetch(CONFIG_MAPS)).json().metadata.resourceVersion;

    test('share one connection, each with its own events', async () => {
      const watches = await admin.watches();
      const from = await revision();
      const query = `watch=1&resourceVersion=${from}`;
      const ids = Array.from({ length: 100 }, (_, i) =>
        watches.watch(`/api/v1/namespaces/default/configmaps?${query}&fieldSelector=metadata.name%3Dshared-${i}`),
      );
      for (const i of ids.keys()) await admin.fetch(CONFIG_MAPS, { method: 'POST', body: configMap(`shared-${i}`) });
      await watches.until(() => ids.every((id) => watches.eventsOf(id).length > 0));
      for (const [i, id] of ids.entries()) assert.deepEqual(eventNames(watches.eventsOf(id)), [`ADDED shared-${i}`]);
      watches.socket.close();
    });

    test('are of Tables where they are asked for', async () => {
      const watches = await admin.watches();
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
      const id = watches.watch('/api/v1/namespaces/default/configmaps?watch=true', { accept });
      await watches.until(() => watches.eventsOf(id).length > 0);
      assert.equal(watches.eventsOf(id)[0].object.kind, 'Table');
      watches.socket.close();
    });

    test('end when they are cancelled', async () => {
      const watches = await admin.watches();
      const id = watches.watch(`/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=${await revision()}`);
      watches.send({ cancel: id });
      await admin.fetch(CONFIG_MAPS, { method: 'POST', body: configMap('cancelled') });
      const other = watches.watch('/api/v1/namespaces/default/configmaps?watch=1');
      await watches.until(() => eventNames(watches.eventsOf(other)).includes('ADDED cancelled'));
      assert.deepEqual(watches.eventsOf(id), []);
      watches.socket.close();
    });

    const ends = [
      ['a revision with what does not go with it', '/api/v1/pods?watch=1&resourceVersionMatch=Exact', 'Invalid'],
      ['what may not be read', '/api/v1/secrets?watch=1', 'Forbidden'],
      ['what is no watch', '/api/v1/pods', 'BadRequest'],
      ['what has no kind', '/version?watch=1', 'BadRequest'],
      ['one object', '/api/v1/namespaces/default/configmaps/a?watch=1', 'BadRequest'],
      ['a log', '/api/v1/namespaces/default/pods/a/log?follow=1&watch=1', 'BadRequest'],
      ['a path that is none', '/api/../v1/pods?watch=1', 'BadRequest'],
      ['a kind that is not there', '/apis/example.com/v1/things?watch=1', 'NotFound'],
    ];
    for (const [what, path, reason] of ends)
      test(`of ${what} end with the reason`, async () => {
        const watches = await viewer.watches();
        const id = watches.watch(path);
        const end = await watches.until(() => watches.endOf(id));
        assert.equal(end.reason, reason);
        watches.socket.close();
      });

    test('are refused to pages of others, and without a session', async () => {
      await assert.rejects(admin.watches({ origin: 'http://127.0.0.1:1' }), /refused/);
      await assert.rejects(admin.watches({ cookie: '' }), /refused/);
    });

    test('on a connection on which nothing happens are told that the console is there', async () => {
      const watches = await admin.watches();
      await watches.until(() => watches.messages.some(({ alive }) => alive === true));
      watches.socket.close();
    });

    test('that are more than a page may have end at once', async () => {
      const watches = await admin.watches();
      for (let i = 0; i < 200; i++) watches.watch('/api/v1/nodes?watch=1&resourceVersion=1');
      const last = watches.watch('/api/v1/nodes?watch=1');
      assert.equal((await watches.until(() => watches.endOf(last))).reason, 'TooManyRequests');
      watches.socket.close();
    });
  });
});
