import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { newClient } from './api-client.ts';
import type { Client, ClientOptions, WatchEvent } from './client.ts';
import { isConnectionError, isNoMatchError } from './errors.ts';
import { listAll } from './list-all.ts';
import { ScriptedTransport } from './testing/scripted-transport.ts';

const Pod = { apiVersion: 'v1', kind: 'Pod' };
const Node = { apiVersion: 'v1', kind: 'Node' };
const Deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'n' } };
const bare: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'a-' } };
const PARTIAL = 'g=meta.k8s.io;v=v1,application/json';

interface Case {
  readonly name: string;
  readonly call: (client: Client) => unknown;
  readonly asks: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly options?: ClientOptions;
}

const cases: readonly Case[] = [
  {
    name: 'get reads in the default namespace',
    call: (c) => c.get(Pod, { name: 'a' }),
    asks: 'GET /api/v1/namespaces/default/pods/a',
  },
  {
    name: 'get reads in the namespace of the client',
    options: { defaultNamespace: 'mine' },
    call: (c) => c.get(Deployment, { name: 'a' }),
    asks: 'GET /apis/apps/v1/namespaces/mine/deployments/a',
  },
  {
    name: 'get knows kinds without namespaces',
    call: (c) => c.get(Node, { name: 'a', namespace: 'n' }),
    asks: 'GET /api/v1/nodes/a',
  },
  {
    name: 'get escapes a name, and takes a part and a revision',
    call: (c) => c.get(Pod, { name: 'system:a b', namespace: 'n' }, { subresource: 'status', resourceVersion: '7' }),
    asks: 'GET /api/v1/namespaces/n/pods/system%3Aa%20b/status?resourceVersion=7',
  },
  {
    name: 'get of metadata asks for it',
    call: (c) => c.get(Pod, { name: 'a', namespace: 'n' }, { metadataOnly: true }),
    asks: 'GET /api/v1/namespaces/n/pods/a',
    headers: { accept: `application/json;as=PartialObjectMetadata;${PARTIAL}` },
  },
  { name: 'list is of all namespaces unless one is named', call: (c) => c.list(Pod), asks: 'GET /api/v1/pods' },
  {
    name: 'list selects',
    call: (c) =>
      c.list(Pod, {
        namespace: 'n',
        labelSelector: 'a=b,c!=d',
        fieldSelector: 'metadata.name=x',
        limit: 5,
        continue: 't/+',
        resourceVersion: '0',
        resourceVersionMatch: 'NotOlderThan',
      }),
    asks: 'GET /api/v1/namespaces/n/pods?labelSelector=a%3Db%2Cc%21%3Dd&fieldSelector=metadata.name%3Dx&limit=5&continue=t%2F%2B&resourceVersion=0&resourceVersionMatch=NotOlderThan',
  },
  {
    name: 'list of metadata asks for it',
    call: (c) => c.list(Pod, { metadataOnly: true }),
    asks: 'GET /api/v1/pods',
    headers: { accept: `application/json;as=PartialObjectMetadataList;${PARTIAL}` },
  },
  {
    name: 'create posts to the namespace of the object',
    call: (c) => c.create(pod),
    asks: 'POST /api/v1/namespaces/n/pods',
    body: pod,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
  },
  {
    name: 'create needs no name',
    call: (c) => c.create(bare),
    asks: 'POST /api/v1/namespaces/default/pods',
    body: bare,
  },
  {
    name: 'what writes takes a manager, a dry run, and what becomes of unknown fields',
    call: (c) => c.create(pod, { fieldManager: 'me', dryRun: true, fieldValidation: 'Strict' }),
    asks: 'POST /api/v1/namespaces/n/pods?fieldManager=me&fieldValidation=Strict&dryRun=All',
  },
  {
    name: 'the manager of the client is that of all writes',
    options: { fieldManager: 'it' },
    call: (c) => c.update(pod),
    asks: 'PUT /api/v1/namespaces/n/pods/a?fieldManager=it',
    body: pod,
  },
  {
    name: 'update of a part',
    call: (c) => c.update(pod, { subresource: 'status' }),
    asks: 'PUT /api/v1/namespaces/n/pods/a/status',
  },
  {
    name: 'apply is a patch by a manager',
    call: (c) => c.apply({ ...Pod, metadata: { name: 'a', namespace: 'n' } }, { fieldManager: 'me', force: true }),
    asks: 'PATCH /api/v1/namespaces/n/pods/a?fieldManager=me&force=true',
    body: pod,
    headers: { 'content-type': 'application/apply-patch+yaml' },
  },
  {
    name: 'apply without a manager is by the first part of the user agent',
    options: { userAgent: 'tester/1.0' },
    call: (c) => c.apply({ ...Pod, metadata: { name: 'a' } }),
    asks: 'PATCH /api/v1/namespaces/default/pods/a?fieldManager=tester',
    headers: { 'user-agent': 'tester/1.0' },
  },
  {
    name: 'a merge patch',
    call: (c) => c.patch(Pod, { name: 'a' }, { merge: { metadata: { labels: { x: null } } } as never }),
    asks: 'PATCH /api/v1/namespaces/default/pods/a',
    body: { metadata: { labels: { x: null } } },
    headers: { 'content-type': 'application/merge-patch+json' },
  },
  {
    name: 'a JSON patch',
    call: (c) => c.patch(Pod, { name: 'a' }, { json: [{ op: 'remove', path: '/x' }] }),
    asks: 'PATCH /api/v1/namespaces/default/pods/a',
    body: [{ op: 'remove', path: '/x' }],
    headers: { 'content-type': 'application/json-patch+json' },
  },
  {
    name: 'a strategic merge patch',
    call: (c) => c.patch(Pod, { name: 'a' }, { strategic: { $patch: 'replace' } as never }),
    asks: 'PATCH /api/v1/namespaces/default/pods/a',
    body: { $patch: 'replace' },
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
  },
  {
    name: 'delete says how',
    call: (c) =>
      c.delete(
        Pod,
        { name: 'a', namespace: 'n' },
        { propagationPolicy: 'Foreground', gracePeriodSeconds: 0, preconditions: { uid: 'u' }, dryRun: true },
      ),
    asks: 'DELETE /api/v1/namespaces/n/pods/a',
    body: {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u' },
      propagationPolicy: 'Foreground',
      dryRun: ['All'],
    },
  },
  {
    name: 'deleteAll is of one namespace',
    call: (c) => c.deleteAll(Pod, { labelSelector: 'a=b' }),
    asks: 'DELETE /api/v1/namespaces/default/pods?labelSelector=a%3Db',
    body: { kind: 'DeleteOptions', apiVersion: 'v1' },
  },
  {
    name: 'a part is created below its object',
    call: (c) => c.createSubresource(Pod, { name: 'a', namespace: 'n' }, 'eviction', pod),
    asks: 'POST /api/v1/namespaces/n/pods/a/eviction',
    body: pod,
  },
  {
    name: 'a kind that says how it is served is not asked for',
    call: (c) => c.list({ apiVersion: 'x.test/v1', kind: 'Thing', resource: 'thingies', namespaced: false } as never),
    asks: 'GET /apis/x.test/v1/thingies',
  },
  {
    name: 'somebody else may be acted as',
    options: {
      impersonate: { user: 'jörg', uid: 'u', groups: ['a,b', 'c'], extra: { 'Example.com/Scopes': ['x', 'y'] } },
    },
    call: (c) => c.list(Pod),
    asks: 'GET /api/v1/pods',
    headers: {
      'impersonate-user': 'jÃ¶rg',
      'impersonate-uid': 'u',
      'impersonate-group': ['a,b', 'c'],
      'impersonate-extra-example.com%2Fscopes': ['x', 'y'],
    },
  },
  {
    name: 'with acts as somebody else, by another name',
    call: (c) => c.with({ impersonate: { user: 'b' }, fieldManager: 'm', defaultNamespace: 'd' }).create(bare),
    asks: 'POST /api/v1/namespaces/d/pods?fieldManager=m',
    headers: { 'impersonate-user': 'b' },
  },
  {
    name: 'a watch asks for one',
    call: (c) =>
      c
        .watch(Pod, {
          namespace: 'n',
          labelSelector: 'a',
          resourceVersion: '5',
          allowBookmarks: true,
          sendInitialEvents: false,
          timeoutSeconds: 9,
        })
        [Symbol.asyncIterator]()
        .next()
        .catch(() => {}),
    asks: 'GET /api/v1/namespaces/n/pods?labelSelector=a&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=9&watch=true&sendInitialEvents=false',
  },
];

describe('a client asks as Kubernetes wants to be asked', () => {
  for (const { name, call, asks, body, headers = {}, options = {} } of cases)
    test(name, async () => {
      const transport = new ScriptedTransport({});
      await call(newClient(transport, options));
      const [request] = transport.requests;
      assert.equal(`${request!.method} ${request!.path}`, asks);
      if (body !== undefined) assert.deepEqual(JSON.parse(request!.body as string), body);
      for (const [header, value] of Object.entries(headers)) assert.deepEqual(request!.headers[header], value, header);
    });
});

describe('what a client is handed wrongly is told before anything is sent', () => {
  const wrong: readonly [string, (client: Client) => Promise<unknown>, RegExp][] = [
    ['an empty name', (c) => c.get(Pod, { name: '' }), /resource name may not be empty/],
    [
      'a name with a slash',
      (c) => c.get(Pod, { name: 'a/b' }),
      /invalid resource name "a\/b": \[may not contain '\/'\]/,
    ],
    [
      'a name that leaves the path',
      (c) => c.get(Pod, { name: '..' }),
      /invalid resource name "..": \[may not be '..'\]/,
    ],
    ['a namespace with a percent', (c) => c.get(Pod, { name: 'a', namespace: '%' }), /invalid namespace name "%"/],
    ['an object without a kind', (c) => c.create({ metadata: {} }), /must have apiVersion and kind/],
    ['an update without a name', (c) => c.update(bare), /A Pod that is written must have metadata.name/],
  ];
  for (const [name, call, message] of wrong)
    test(name, async () => {
      const transport = new ScriptedTransport();
      await assert.rejects(call(newClient(transport)), { name: 'TypeError', message });
      assert.equal(transport.requests.length, 0);
    });
});

test('a client does not round large integers, neither way', async () => {
  const transport = new ScriptedTransport({ body: '{"n":9007199254740993}' }, {});
  const client = newClient(transport);
  const object = await client.get(Pod, { name: 'a' });
  assert.equal(object.n, 9007199254740993n);
  await client.update({ ...pod, n: object.n });
  assert.match(transport.requests[1]!.body as string, /"n":9007199254740993\b/);
});

test('items of lists and objects of watches have their kind', async () => {
  const item = { metadata: { name: 'a' } };
  const event = JSON.stringify({ type: 'ADDED', object: item });
  const client = newClient(
    new ScriptedTransport({ body: { kind: 'PodList', metadata: {}, items: [item] } }, { body: `${event}\n` }),
  );
  const expected = { apiVersion: 'v1', kind: 'Pod', ...item };
  assert.deepEqual((await client.list(Pod)).items, [expected]);
  for await (const seen of client.watch(Pod)) assert.deepEqual(seen, { type: 'ADDED', object: expected });
});

test('only metadata is given where only metadata was wanted, even if the server sends more', async () => {
  const full = { ...pod, spec: { nodeName: 'x' } };
  const client = newClient(new ScriptedTransport({ body: full }, { body: { metadata: {}, items: [full] } }));
  assert.deepEqual(await client.get(Pod, { name: 'a' }, { metadataOnly: true }), pod);
  assert.deepEqual((await client.list(Pod, { metadataOnly: true })).items, [pod]);
});

test('an empty list of a server that says null is empty', async () => {
  const client = newClient(new ScriptedTransport({ body: { metadata: { resourceVersion: '1' }, items: null } }));
  assert.deepEqual((await client.list(Pod)).items, []);
});

describe('pages', () => {
  const page = (next: string | undefined, ...names: string[]): object => ({
    metadata: { resourceVersion: '9', ...(next && { continue: next, remainingItemCount: 3 }) },
    items: names.map((name) => ({ metadata: { name } })),
  });
  const expired = { status: 410, body: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 } };
  const namesOf = async (
    objects: AsyncIterable<KubeObject>,
    names: (string | undefined)[] = [],
  ): Promise<typeof names> => {
    for await (const { metadata } of objects) names.push(metadata.name);
    return names;
  };

  test('follow each other, and name the revision only at first', async () => {
    const transport = new ScriptedTransport({ body: page('t', 'a', 'b') }, { body: page(undefined, 'c') });
    const pages = newClient(transport).pages(Pod, { resourceVersion: '9', resourceVersionMatch: 'Exact', limit: 2 });
    assert.deepEqual(await namesOf(pages), ['a', 'b', 'c']);
    assert.deepEqual(
      transport.requests.map(({ path }) => path),
      ['/api/v1/pods?limit=2&resourceVersion=9&resourceVersionMatch=Exact', '/api/v1/pods?limit=2&continue=t'],
    );
  });

  test('are not read before they are wanted', async () => {
    const transport = new ScriptedTransport({ body: page('t', 'a') });
    for await (const { metadata } of newClient(transport).pages(Pod)) {
      assert.equal(metadata.name, 'a');
      break;
    }
    assert.equal(transport.requests.length, 1);
  });

  test('say that their revision is gone, after what they gave', async () => {
    const names: string[] = [];
    const pages = newClient(new ScriptedTransport({ body: page('t', 'a') }, expired)).pages(Pod);
    await assert.rejects(namesOf(pages, names), (e) => isStatusError(e, 'Expired'));
    assert.deepEqual(names, ['a']);
  });

  test('listAll begins again, in one part, when the revision is gone', async () => {
    const transport = new ScriptedTransport({ body: page('t', 'old') }, expired, { body: page(undefined, 'a', 'b') });
    const list = await listAll(newClient(transport), Pod, { namespace: 'n', resourceVersion: '0' });
    assert.deepEqual(
      list.items.map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
    assert.equal(transport.requests[2]!.path, '/api/v1/namespaces/n/pods?resourceVersion=0');
  });

  test('listAll joins the parts, and does not say that there are more', async () => {
    const transport = new ScriptedTransport({ body: page('t', 'a') }, { body: page(undefined, 'b') });
    const list = await listAll(newClient(transport), Pod);
    assert.deepEqual(
      list.items.map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
    assert.deepEqual(list.metadata, { resourceVersion: '9' });
  });
});

describe('a watch', () => {
  const line = (type: string, name: string): string => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;
  const events = async (client: Client, seen: WatchEvent[] = []): Promise<WatchEvent[]> => {
    for await (const event of client.watch(Pod)) seen.push(event);
    return seen;
  };
  const names = (seen: readonly WatchEvent[]): string[] =>
    seen.map(({ type, object }) => `${type} ${object.metadata.name}`);

  test('may be cut anywhere', async () => {
    const bytes = Buffer.from(line('ADDED', 'ä') + line('MODIFIED', '語') + line('DELETED', 'c'));
    for (let size = 1; size <= bytes.length; size++) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const seen = await events(newClient(new ScriptedTransport({ pieces })));
      assert.deepEqual(names(seen), ['ADDED ä', 'MODIFIED 語', 'DELETED c'], `pieces of ${size}`);
    }
  });

  test('takes an object of many megabytes in many pieces', async () => {
    const data = 'x'.repeat(8 << 20);
    const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'big' }, data } })}\n`);
    const pieces = Array.from({ length: 4096 }, (_, i) => bytes.subarray(i * 2100, (i + 1) * 2100));
    const [event] = await events(newClient(new ScriptedTransport({ pieces })));
    assert.equal(event!.object.data.length, data.length);
  });

  test('throws the Status of an ERROR', async () => {
    const status = {
      kind: 'Status',
      status: 'Failure',
      code: 410,
      reason: 'Expired',
      message: 'too old resource version',
    };
    const body = `${line('ADDED', 'a')}${JSON.stringify({ type: 'ERROR', object: status })}\n`;
    const seen: WatchEvent[] = [];
    await assert.rejects(events(newClient(new ScriptedTransport({ body })), seen), (e) => isStatusError(e, 'Expired'));
    assert.deepEqual(names(seen), ['ADDED a']);
  });

  test('that ends in the middle of an event was broken', async () => {
    const body = line('ADDED', 'a') + line('ADDED', 'b').slice(0, 20);
    await assert.rejects(events(newClient(new ScriptedTransport({ body }))), {
      name: 'ConnectionError',
      message: 'Cannot GET https://server.test:6443/api/v1/pods: the answer ended in the middle of a line',
    });
  });

  test('that ends with an event and no line break is whole', async () => {
    const body = line('ADDED', 'a').trim();
    assert.deepEqual(names(await events(newClient(new ScriptedTransport({ body })))), ['ADDED a']);
  });

  const nonsense: readonly [string, string, RegExp][] = [
    ['no JSON', 'hello', /unable to decode an event from the watch stream: invalid character 'h'/],
    ['no object', '{"type":"ADDED"}', /it has no object/],
    ['an unknown type', '{"type":"MOVED","object":{}}', /got invalid watch event type: MOVED/],
  ];
  for (const [name, body, message] of nonsense)
    test(`that sends ${name} fails`, async () => {
      await assert.rejects(events(newClient(new ScriptedTransport({ body: `${body}\n` }))), (e) => {
        assert.ok(isStatusError(e, 'InternalError'));
        assert.match(e.message, message);
        return true;
      });
    });
});

describe('served', () => {
  const Widget = { apiVersion: 'x.test/v1', kind: 'Widget' };
  const resources = {
    kind: 'APIResourceList',
    resources: [
      { name: 'widgets', kind: 'Widget', namespaced: true },
      { name: 'widgets/status', kind: 'Widget', namespaced: true },
      { name: 'clusterwidgets', kind: 'ClusterWidget', namespaced: false },
    ],
  };
  const missing = {
    status: 404,
    body: '404 page not found\n',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  };

  test('asks once for all kinds of a version', async () => {
    const transport = new ScriptedTransport({ body: resources });
    const client = newClient(transport);
    const [widget, other] = await Promise.all([
      client.served(Widget),
      client.with({ fieldManager: 'm' }).served({ ...Widget, kind: 'ClusterWidget' }),
    ]);
    assert.deepEqual(widget, { ...Widget, resource: 'widgets', namespaced: true });
    assert.deepEqual(other, { ...Widget, kind: 'ClusterWidget', resource: 'clusterwidgets', namespaced: false });
    assert.deepEqual(
      transport.requests.map(({ path }) => path),
      ['/apis/x.test/v1'],
    );
  });

  test('asks again for what was not there', async () => {
    const client = newClient(new ScriptedTransport(missing, { body: { resources: [] } }, { body: resources }));
    for (let i = 0; i < 2; i++)
      await assert.rejects(client.served(Widget), (e) => {
        assert.ok(isNoMatchError(e));
        assert.equal(e.message, 'no matches for kind "Widget" in version "x.test/v1"');
        return true;
      });
    assert.equal((await client.served(Widget)).resource, 'widgets');
  });

  test('finds a kind that comes after it was asked for a thousand times', async () => {
    const transport = new ScriptedTransport(...Array.from({ length: 1000 }, () => missing), { body: resources });
    const clock = { now: () => 0, elapsed: () => 0, after: () => () => {} };
    const client = newClient(transport, { clock });
    for (let i = 0; i < 1000; i++) await assert.rejects(client.served(Widget), isNoMatchError);
    assert.equal((await client.served(Widget)).resource, 'widgets');
  });

  test('finds each of fifty versions that are asked for at once', async () => {
    const client = newClient(new ScriptedTransport(...Array.from({ length: 50 }, () => ({ body: resources }))));
    const kinds = Array.from({ length: 50 }, (_, i) => ({ ...Widget, apiVersion: `x${i}.test/v1` }));
    const found = await Promise.all(kinds.map((kind) => client.served(kind)));
    assert.deepEqual(
      found.map(({ apiVersion }) => apiVersion),
      kinds.map(({ apiVersion }) => apiVersion),
    );
  });

  test('finds a kind that came while an older question was under way', async () => {
    const client = newClient(new ScriptedTransport({ body: { resources: [] } }, { body: resources }));
    const before = client.served(Widget);
    await Promise.resolve();
    const [older, newer, same] = await Promise.allSettled([before, client.served(Widget), client.served(Widget)]);
    assert.equal(older.status, 'rejected');
    assert.deepEqual([newer.status, same.status], ['fulfilled', 'fulfilled']);
  });

  test('forgets a version whose path is gone', async () => {
    const renamed = { resources: [{ name: 'widgeties', kind: 'Widget', namespaced: false }] };
    const transport = new ScriptedTransport({ body: resources }, missing, { body: renamed }, {});
    const client = newClient(transport);
    await assert.rejects(client.list(Widget), (e) => isStatusError(e, 'NotFound'));
    await client.list(Widget).catch(() => {});
    assert.equal(transport.requests.at(-1)!.path, '/apis/x.test/v1/widgeties');
  });
});

test('raw and open go with the headers of the client, which a request may replace', async () => {
  const transport = new ScriptedTransport({ body: { gitVersion: 'v1' } }, { pieces: ['log ', 'line'] });
  const client = newClient(transport, { userAgent: 'x/1', impersonate: { user: 'u' } });
  assert.deepEqual(await client.raw({ method: 'GET', path: '/version', headers: {} }), { gitVersion: 'v1' });
  const { body } = await client.open({ method: 'GET', path: '/logs', headers: { accept: 'text/plain' } });
  let text = '';
  for await (const piece of body) text += Buffer.from(piece).toString();
  assert.equal(text, 'log line');
  const [first, second] = transport.requests;
  assert.deepEqual(first!.headers, { accept: 'application/json', 'user-agent': 'x/1', 'impersonate-user': 'u' });
  assert.equal(second!.headers.accept, 'text/plain');
});

test('close closes the transport', async () => {
  const transport = new ScriptedTransport();
  await newClient(transport).close();
  assert.equal(transport.closed, true);
});

test('a failure to connect says who was asked for what, without the query', async () => {
  const cause = new AggregateError([
    new Error('connect ECONNREFUSED ::1:6443'),
    new Error('connect ECONNREFUSED 127.0.0.1:6443'),
  ]);
  await assert.rejects(newClient(new ScriptedTransport(cause)).list(Pod, { labelSelector: 'secret' }), (e) => {
    assert.ok(isConnectionError(e));
    assert.equal(
      e.message,
      'Cannot GET https://server.test:6443/api/v1/pods: connect ECONNREFUSED ::1:6443; connect ECONNREFUSED 127.0.0.1:6443',
    );
    assert.equal(e.cause, cause);
    return true;
  });
});
