// What a console makes of clusters that answer oddly: they are transports here, of which a test says every byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startConsole } from 'nekube/console';
import { signIn } from './browser.mjs';

/** What the console asks for itself. */
const OWN = [
  ['/apis/authentication.k8s.io/v1/selfsubjectreviews', { status: { userInfo: { username: 'me' } } }],
  ['/api/v1/namespaces', { metadata: { resourceVersion: '1' }, items: [] }],
  ['/apis/keps.nekube.dev/', { kind: 'Status', code: 404, reason: 'NotFound', message: 'not found' }, 404],
];

/** Runs `use` with a browser at a console of a cluster that answers by `answer(request)`: `{status, headers, body}`. */
async function withCluster(answer, use) {
  const send = async (request) => {
    const [, own, code] = OWN.find(([path]) => request.path.startsWith(path)) ?? [];
    const {
      status = 200,
      headers = {},
      body = [],
    } = own ? { status: code, body: [JSON.stringify(own)] } : answer(request);
    return { status, headers: { 'content-type': 'application/json', ...headers }, body: bytesOf(body) };
  };
  const transport = { url: 'https://cluster', send, close: async () => {} };
  const running = await startConsole({ transport, listen: { host: '127.0.0.1', port: 0 } });
  try {
    return await use(await signIn(running.link()));
  } finally {
    await running.close();
  }
}

async function* bytesOf(pieces) {
  for await (const piece of pieces) yield Buffer.from(piece);
}

test('a revision that is forgotten ends a watch with its 410', async () => {
  const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };
  await withCluster(
    () => ({ body: [`${JSON.stringify(gone)}\n`] }),
    async (browser) => {
      const watches = await browser.watches();
      const id = watches.watch('/api/v1/pods?watch=1&resourceVersion=1');
      const { code, reason } = await watches.until(() => watches.endOf(id));
      assert.equal(`${code} ${reason}`, '410 Expired');
      assert.deepEqual(watches.eventsOf(id), []);
    },
  );
});

test('a watch that the cluster ends, ends', async () => {
  const event = JSON.stringify({ type: 'ADDED', object: { n: 1 } });
  await withCluster(
    () => ({ body: [event.slice(0, 10), `${event.slice(10)}\n${event}`, '\n'] }),
    async (browser) => {
      const watches = await browser.watches();
      const id = watches.watch('/api/v1/pods?watch=1');
      assert.equal((await watches.until(() => watches.endOf(id))).code, 200);
      assert.equal(watches.eventsOf(id).length, 2);
    },
  );
});

test('a browser that takes nothing holds the cluster back', async () => {
  const line = `${JSON.stringify({ type: 'ADDED', object: { text: 'x'.repeat(100_000) } })}\n`;
  let sent = 0;
  let stopped = false;
  async function* endless() {
    try {
      for (; sent < 5000; sent++) yield line;
    } finally {
      stopped = true;
    }
  }
  await withCluster(
    () => ({ body: endless() }),
    async (browser) => {
      const { socket, answered } = await rawWebSocket(browser);
      await answered;
      socket.pause();
      socket.write(masked(JSON.stringify({ id: 1, path: '/api/v1/pods?watch=1' })));
      for (let before = -1; before !== sent || sent === 0; ) {
        before = sent;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      assert.ok(sent < 1000, `${sent} events of 100 kB were read`);
      socket.destroy();
      while (!stopped) await new Promise((resolve) => setTimeout(resolve, 10));
    },
  );
});

test('a credential that the cluster refuses is nothing that a page could mend by signing in', async () => {
  await withCluster(
    () => ({ status: 401, body: ['{"kind":"Status","code":401,"reason":"Unauthorized"}'] }),
    async (browser) => {
      assert.equal((await browser.fetch('/k8s/api/v1/pods')).code, 502);
      assert.equal((await browser.fetch('/console/policies')).code, 502);
      const watches = await browser.watches();
      const id = watches.watch('/api/v1/pods?watch=1');
      assert.equal((await watches.until(() => watches.endOf(id))).code, 502);
    },
  );
});

for (const type of ['text/html', 'text/javascript', 'image/svg+xml', 'application/xhtml+xml', 'application/wasm'])
  test(`an answer of ${type} is nothing that a browser runs`, async () => {
    const headers = { 'content-type': type, 'set-cookie': 'a=b', 'access-control-allow-origin': '*', location: '/x' };
    await withCluster(
      () => ({ headers, body: ['<script>1</script>'] }),
      async (browser) => {
        const { headers: got } = await browser.fetch('/k8s/apis/example.com/v1/x');
        assert.equal(got['content-type'], 'application/octet-stream');
        assert.equal(got['content-disposition'], 'attachment');
        assert.match(got['content-security-policy'], /sandbox/);
        for (const name of ['set-cookie', 'access-control-allow-origin', 'location'])
          assert.equal(got[name], undefined);
      },
    );
  });

test('a cluster sees nothing of the browser but what it needs', async () => {
  let seen;
  await withCluster(
    (request) => {
      seen = request.headers;
      return { body: ['{}'] };
    },
    async (browser) => {
      await browser.fetch('/k8s/api/v1/pods', {
        headers: {
          accept: 'application/yaml',
          authorization: 'Bearer x',
          'impersonate-user': 'a',
          'x-forwarded-for': 'b',
        },
      });
      assert.deepEqual(seen, { accept: 'application/yaml', 'user-agent': 'nekube-console' });
    },
  );
});

test('an answer that breaks off is not taken for a whole one', async () => {
  async function* broken() {
    yield '{"items":[';
    throw new Error('connection reset');
  }
  await withCluster(
    () => ({ body: broken() }),
    async (browser) => {
      await assert.rejects(browser.fetch('/k8s/api/v1/pods'));
    },
  );
});

/** A WebSocket that nobody reads for us. */
async function rawWebSocket({ origin, cookie }) {
  const { connect } = await import('node:net');
  const { port, host } = new URL(origin);
  const socket = connect(Number(port), '127.0.0.1');
  const answered = new Promise((resolve) => socket.once('data', resolve));
  socket.write(
    [
      'GET /console/watch HTTP/1.1',
      `Host: ${host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      `Origin: ${origin}`,
      `Cookie: ${cookie}`,
      '\r\n',
    ].join('\r\n'),
  );
  return { socket, answered };
}

/** The frame of a short text, as a client sends it. */
function masked(text) {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
