// What no client should send, at a server in a process of its own: it must answer or hang up, go on serving others,
// and give the memory back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { get } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { loadOrCreatePki } from 'nekube/apiserver';
import { bodies } from './bodies.mjs';
import { startVictim, within } from './victim.mjs';

const configMaps = '/api/v1/namespaces/hostile/configmaps';
/** A collection that stays empty. */
const nothing = '/api/v1/namespaces/hostile/limitranges';
const mebibyte = 1024 * 1024;
/** What caches may have grown by. */
const slackBytes = 8 * mebibyte;
const maxBodyBytes = 3 * mebibyte;

let victim;
before(async () => {
  victim = await startVictim();
  await create('/api/v1/namespaces', { kind: 'Namespace', metadata: { name: 'hostile' } });
});
after(async () => {
  assert.equal(await victim.server.stop(), 0);
});
afterEach(async () => {
  const { code } = await victim.send('GET', '/readyz');
  assert.equal(code, 200);
});

async function create(path, object) {
  const { code, text } = await victim.send('POST', path, { body: JSON.stringify({ apiVersion: 'v1', ...object }) });
  assert.equal(code, 201, text);
}

describe('bodies', () => {
  for (const { name, method, path, type, body, code, alsoCodes = [] } of bodies) {
    test(`${method} of ${name} is answered with ${code}`, async () => {
      if (path.startsWith(`${configMaps}/target`)) {
        await victim.send('DELETE', `${configMaps}/target`);
        await create(configMaps, { kind: 'ConfigMap', metadata: { name: 'target' }, data: { a: 'b' } });
      }
      const answer = await victim.whileOthersWork(() => victim.send(method, path, { type, body }));
      assert.ok([code, ...alsoCodes].includes(answer.code), `${answer.code}: ${answer.text.slice(0, 500)}`);
      if (answer.code >= 400) assert.equal(JSON.parse(answer.text).kind, 'Status');
    });
  }

  test('a body of more than three megabytes is refused, announced or not', async () => {
    const body = Buffer.alloc(maxBodyBytes + 1, ' ');
    const announced = await victim.send('POST', configMaps, { body });
    const chunked = await victim.send('POST', configMaps, { body, headers: { 'transfer-encoding': 'chunked' } });
    for (const { code, text } of [announced, chunked]) {
      assert.equal(code, 413);
      assert.equal(JSON.parse(text).message, `Request entity too large: limit is ${maxBodyBytes}`);
    }
  });

  test('a body without end is refused without being read to its end', async () => {
    const socket = await victim.connect();
    let answer = '';
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += chunk;
    });
    socket.write(`POST ${configMaps} HTTP/1.1\r\nhost: a\r\nauthorization: ${victim.headers.authorization}\r\n`);
    socket.write('content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
    while (answer === '' && !socket.destroyed) {
      socket.write(`100000\r\n${' '.repeat(mebibyte)}\r\n`);
      await new Promise((resume) => setTimeout(resume, 1));
    }
    await within(ended, 'the end of the connection');
    // who goes on writing may find the connection closed before the answer is read
    assert.match(answer, /^(HTTP\/1\.1 413 |$)/);
  });
});

describe('requests that are no requests', () => {
  const get = 'GET /version HTTP/1.1\r\nhost: a\r\n';
  const post = `POST ${configMaps} HTTP/1.1\r\nhost: a\r\n`;
  const rows = [
    ['garbage', '\x00\x01\x02\x03\r\n\r\n', /^(HTTP\/1\.1 400 |$)/],
    ['a header line without a colon', `${get}nonsense\r\n\r\n`, /^HTTP\/1\.1 400 /],
    // newer Nodes hang up with what is still unread, and then the refusal may be lost on its way
    ['a header of a hundred kilobytes', `${get}x: ${'x'.repeat(100_000)}\r\n\r\n`, /^(HTTP\/1\.1 431 |$)/],
    [
      'five thousand headers of thirty bytes',
      `${get}${'x-flood: xxxxxxxxxxxxxxxxxxx\r\n'.repeat(5000)}\r\n`,
      /^(HTTP\/1\.1 431 |$)/,
    ],
    [
      'a path of a hundred kilobytes',
      `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: a\r\n\r\n`,
      /^(HTTP\/1\.1 (414|431) |$)/,
    ],
    ['a path with broken escapes', 'GET /api/v1/%zz%00%ff HTTP/1.1\r\nhost: a\r\n\r\n', /^HTTP\/1\.1 4\d\d /],
    ['two lengths', `${post}content-length: 1\r\ncontent-length: 2\r\n\r\n{}`, /^HTTP\/1\.1 400 /],
    [
      'a length and chunks',
      `${post}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    ['a negative length', `${post}content-length: -1\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['an unknown method', 'BREW /coffee HTTP/1.1\r\nhost: a\r\n\r\n', /^HTTP\/1\.1 4\d\d /],
    ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nhost: a\r\n\r\n', /^(HTTP\/1\.1 4\d\d |$)/],
    ['a trace', 'TRACE /version HTTP/1.1\r\nhost: a\r\n\r\n', /^HTTP\/1\.1 4\d\d /],
    [
      'an upgrade to something unknown',
      `${get}connection: upgrade\r\nupgrade: teapot\r\n\r\n`,
      /^HTTP\/1\.1 [245]\d\d /,
    ],
  ];
  for (const [name, bytes, want] of rows) {
    test(`${name}: refused or hung up on`, async () => {
      assert.match(await victim.whileOthersWork(() => victim.exchange(bytes)), want);
    });
  }

  test('a long selector is none of them', async () => {
    const labels = encodeURIComponent(`a in (${Array.from({ length: 5000 }, (_, i) => `v${i}`).join(',')})`);
    const { code, text } = await victim.send('GET', `${configMaps}?labelSelector=${labels}`);
    assert.equal(code, 200, text);
  });

  test('a path of nothing but slashes keeps nobody waiting', async () => {
    const flood = Array.from({ length: 20 }, () => victim.send('GET', `/a${'/'.repeat(60_000)}x`));
    await victim.whileOthersWork(() => Promise.all(flood));
  });

  test('no TLS at all: hung up on', async () => {
    const socket = connectPlain(victim.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    socket.resume();
    await within(once(socket, 'close'), 'the end of the connection');
  });
});

describe('nobody becomes somebody else', () => {
  const secrets = '/api/v1/secrets';
  const credentials = [
    ['no credentials', '', 403],
    ['an unknown token', 'Bearer unknown', 401],
    ['an empty token', 'Bearer ', 403],
    ['another scheme', 'Basic YWRtaW46YWRtaW4=', 403],
    ['a token without a signature', `Bearer ${unsigned({ sub: 'system:serviceaccount:default:default' })}`, 401],
  ];
  const masters = { 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' };
  for (const [who, authorization, code] of credentials) {
    for (const [how, more] of [
      ['', {}],
      [' and a header that asks for it', masters],
    ]) {
      test(`by ${who}${how}`, async () => {
        const answer = await victim.send('GET', secrets, { headers: { authorization, ...more } });
        assert.equal(answer.code, code, answer.text);
      });
    }
  }

  test('by a certificate of another authority', async () => {
    const hosts = { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() };
    const foreign = loadOrCreatePki(undefined, hosts).issueClient({ user: 'admin', groups: ['system:masters'] });
    const options = { path: secrets, cert: foreign.cert, key: foreign.key, rejectUnauthorized: false, agent: false };
    const request = get(victim.url, options);
    const [response] = await within(once(request, 'response'), 'an answer');
    response.resume();
    // as kube-apiserver with --client-ca-file: a certificate that does not hold is worse than none
    assert.equal(response.statusCode, 401);
  });
});

function unsigned(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

describe('slowness', () => {
  test('hundreds of requests that do not get on keep nobody waiting', async () => {
    const used = await victim.memory();
    const sockets = await Promise.all(Array.from({ length: 300 }, () => victim.connect()));
    await victim.whileOthersWork(async () => {
      for (const [i, socket] of sockets.entries()) {
        const head = `POST ${configMaps} HTTP/1.1\r\nhost: a\r\nauthorization: ${victim.headers.authorization}\r\n`;
        socket.write(
          i % 2 === 0 ? head : `${head}content-type: application/json\r\ncontent-length: 1000000\r\n\r\n{"a":`,
        );
      }
      await new Promise((resume) => setTimeout(resume, 300));
    });
    for (const socket of sockets) socket.destroy();
    await victim.memoryBelow(used + slackBytes);
  });

  test('lists that nobody reads do not pile up once they are given up', async () => {
    const data = { a: 'x'.repeat(20_000) };
    for (let i = 0; i < 50; i++) await create(configMaps, { kind: 'ConfigMap', metadata: { name: `large${i}` }, data });
    const used = await victim.memory();
    const sockets = await Promise.all(Array.from({ length: 100 }, () => victim.connect()));
    await victim.whileOthersWork(async () => {
      for (const socket of sockets) {
        socket.pause();
        socket.write(`GET ${configMaps} HTTP/1.1\r\nhost: a\r\nauthorization: ${victim.headers.authorization}\r\n\r\n`);
      }
      await new Promise((resume) => setTimeout(resume, 300));
    });
    for (const socket of sockets) socket.destroy();
    await victim.memoryBelow(used + slackBytes);
  });

  test('a watcher that does not read is cut off before its events fill the memory', async () => {
    const path = '/api/v1/namespaces/hostile/secrets';
    await create(path, { kind: 'Secret', metadata: { name: 'busy' } });
    const used = await victim.memory();
    const socket = await victim.connect();
    socket.pause();
    socket.write(`GET ${path}?watch=1 HTTP/1.1\r\nhost: a\r\nauthorization: ${victim.headers.authorization}\r\n\r\n`);
    const value = Buffer.alloc(700_000, 'x').toString('base64');
    await victim.whileOthersWork(async () => {
      for (let i = 0; i < 60; i++) {
        const body = JSON.stringify({ stringData: { i: `${i}` }, data: { value } });
        const { code } = await victim.send('PATCH', `${path}/busy`, { type: 'application/merge-patch+json', body });
        assert.equal(code, 200);
      }
    });
    // 56 MB of events, which the store keeps as history; a watch may hold 16 MiB
    await victim.memoryBelow(used + 80 * mebibyte);
    socket.destroy();
  });

  test('ten thousand requests at once on one connection that is then left', async () => {
    const used = await victim.memory();
    await victim.whileOthersWork(async () => {
      const socket = await victim.connect();
      socket.write(
        `GET /version HTTP/1.1\r\nhost: a\r\nauthorization: ${victim.headers.authorization}\r\n\r\n`.repeat(10_000),
      );
      await once(socket, 'data');
      socket.destroy();
    });
    await victim.memoryBelow(used + slackBytes);
  });
});

describe('watches', () => {
  /** Opens a watch as a stream of a session; resolves when it has begun. */
  async function watch(session, path) {
    const stream = session.request({ ...victim.headers, ':path': `${path}?watch=1&allowWatchBookmarks=true` });
    stream.on('error', () => {});
    const [headers] = await within(once(stream, 'response'), 'the start of a watch');
    assert.equal(headers[':status'], 200);
    stream.resume();
    return stream;
  }

  test('that are aborted leave nothing behind', async () => {
    const round = async () => {
      const session = victim.session();
      const streams = await Promise.all(Array.from({ length: 200 }, () => watch(session, nothing)));
      for (const stream of streams.slice(0, 100)) stream.close(constants.NGHTTP2_CANCEL);
      session.destroy();
    };
    await round();
    const used = await victim.memory();
    await victim.whileOthersWork(async () => {
      for (let i = 0; i < 5; i++) await round();
    });
    await victim.memoryBelow(used + slackBytes);
  });

  test('ten thousand of them, idle, keep nobody waiting and get their events', async () => {
    const used = await victim.memory();
    const sessions = Array.from({ length: 50 }, () => victim.session());
    const streams = [];
    await victim.whileOthersWork(async () => {
      for (const session of sessions) {
        const path = '/api/v1/namespaces/hostile/endpoints';
        streams.push(...(await Promise.all(Array.from({ length: 200 }, () => watch(session, path)))));
      }
    });
    assert.equal(streams.length, 10_000);
    const got = Promise.all(streams.map((stream) => once(stream, 'data')));
    await create('/api/v1/namespaces/hostile/endpoints', { kind: 'Endpoints', metadata: { name: 'one' } });
    await within(got, 'an event on every watch');
    for (const session of sessions) session.destroy();
    await victim.memoryBelow(used + slackBytes);
  });
});

describe('HTTP/2', () => {
  test('streams that are reset as soon as they begin', async () => {
    const attack = async (sessions) => {
      for (let i = 0; i < sessions; i++) {
        const session = victim.session();
        await Promise.race([once(session, 'connect'), once(session, 'close')]);
        for (let j = 0; j < 2000 && !session.destroyed && !session.closed; j++) {
          const stream = session.request({ ...victim.headers, ':path': nothing });
          stream.on('error', () => {}).close(constants.NGHTTP2_CANCEL);
          if (j % 100 === 0) await new Promise((resume) => setImmediate(resume));
        }
        session.destroy();
      }
    };
    await attack(1);
    const used = await victim.memory();
    await victim.whileOthersWork(() => attack(5));
    await victim.memoryBelow(used + slackBytes);
  });

  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const frame = (type, flags, stream, payload) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  const settings = frame(4, 0, 0, Buffer.alloc(0));
  const floods = [
    ['settings', settings],
    ['pings', frame(6, 0, 0, Buffer.alloc(8))],
    ['priorities', frame(2, 0, 1, Buffer.from([0, 0, 0, 0, 16]))],
    ['headers that never end', frame(9, 0, 1, Buffer.alloc(1000, 0x0f)), frame(1, 0, 1, Buffer.from([0x82, 0x87]))],
    ['empty data', frame(0, 0, 1, Buffer.alloc(0)), frame(1, 4, 1, Buffer.from([0x83, 0x87, 0x84]))],
  ];
  for (const [name, again, first = Buffer.alloc(0)] of floods) {
    test(`a flood of ${name}`, async () => {
      const used = await victim.memory();
      await victim.whileOthersWork(async () => {
        const socket = await victim.connect('h2');
        // answers are not read
        socket.pause();
        socket.write(Buffer.concat([preface, settings, first]));
        const many = Buffer.concat(Array(1000).fill(again));
        for (let i = 0; i < 50 && !socket.destroyed; i++) {
          socket.write(many);
          await new Promise((resume) => setImmediate(resume));
        }
        socket.destroy();
      });
      await victim.memoryBelow(used + slackBytes);
    });
  }

  test('headers beyond all measure', async () => {
    const session = victim.session();
    const flood = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-flood-${i}`, 'x'.repeat(100)]));
    const stream = session.request({ ...victim.headers, ...flood, ':path': '/version' });
    const ended = new Promise((resolve) => stream.on('close', resolve));
    stream.on('error', () => {}).resume();
    await within(ended, 'the end of the stream');
    session.destroy();
  });
});
