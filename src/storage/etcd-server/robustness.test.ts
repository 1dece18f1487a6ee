import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { framed } from 'nekube/grpc';
import { DamagedError, LockedError } from '../errors.ts';
import { type EtcdServer, startEtcdServer } from '../etcd-server.ts';
import { openEtcd } from '../etcd.ts';
import { bytes, FakeClock, seededRandom, text, withDirectory } from '../testing/fixtures.ts';
import { messages } from './messages.ts';

const clientUrls = [{ host: '127.0.0.1', port: 0 }];

function withServer(use: (server: EtcdServer) => Promise<void>): Promise<void> {
  return withDirectory(async (dataDir) => {
    const server = await startEtcdServer({ clientUrls, dataDir, fsync: false });
    try {
      await use(server);
    } finally {
      await server.close();
    }
  });
}

async function write(url: string, key: string, value: string): Promise<void> {
  const store = await openEtcd({ endpoints: [url], prefix: '/t', compactionSeconds: 0 });
  assert.ok((await store.write({ key, value: bytes(value) })).ok);
  await store.close();
}

async function read(url: string): Promise<Record<string, string>> {
  const store = await openEtcd({ endpoints: [url], prefix: '/t', compactionSeconds: 0 });
  const { entries } = await store.range('/');
  await store.close();
  return Object.fromEntries(entries.map(({ key, value }) => [key, text(value)]));
}

interface Reply {
  readonly status: unknown;
  readonly message: string;
}

/** Sends bytes as a call, and gives how it ended. */
function post(session: ClientHttp2Session, path: string, body: Buffer, headers: object = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      ...headers,
    });
    let last: IncomingHttpHeaders = {};
    stream.on('response', (received) => {
      last = { ...received };
    });
    stream.on('trailers', (received) => {
      last = { ...last, ...received };
    });
    stream.on('error', reject).resume();
    stream.on('close', () =>
      resolve({
        status: last['grpc-status'] ?? last[':status'],
        message: decodeURIComponent(String(last['grpc-message'] ?? '')),
      }),
    );
    stream.end(body);
  });
}

async function withSession(url: string, use: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
  const session = connectHttp2(url);
  try {
    await use(session);
  } finally {
    session.destroy();
  }
}

const RANGE = '/etcdserverpb.KV/Range';
const huge = Buffer.of(0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3);

describe('bad requests to our etcd', () => {
  for (const [name, path, body, headers, status, message] of [
    ['a method that there is not', '/a.B/C', framed(bytes('')), {}, '12', 'unknown method C for service a.B'],
    ['a path that names no method', '/x', framed(bytes('')), {}, '12', 'malformed method name: "/x"'],
    [
      'a message that is none',
      RANGE,
      framed(Buffer.of(0x0a, 9)),
      {},
      '13',
      'grpc: error unmarshalling request: proto: unexpected EOF',
    ],
    [
      'a length beyond all bounds',
      RANGE,
      huge,
      {},
      '8',
      'grpc: received message larger than max (4294967295 vs. 2097152)',
    ],
    [
      'a compressed message',
      RANGE,
      Buffer.of(1, 0, 0, 0, 0),
      {},
      '13',
      'grpc: compressed flag set with identity or empty encoding',
    ],
    [
      'an encoding',
      RANGE,
      framed(bytes('')),
      { 'grpc-encoding': 'gzip' },
      '12',
      'grpc: Decompressor is not installed for grpc-encoding "gzip"',
    ],
    ['no message', RANGE, bytes(''), {}, '13', 'the request has no message'],
    ['half a message', RANGE, Buffer.of(0, 0, 0, 0, 9, 1), {}, '13', 'the request has no message'],
    ['what is not gRPC', RANGE, bytes('{}'), { 'content-type': 'application/json' }, 415, ''],
  ] as const)
    test(`${name} is refused with a status`, () =>
      withServer(({ urls: [url] }) =>
        withSession(url!, async (session) => {
          assert.deepEqual(await post(session, path, Buffer.from(body), headers), { status, message });
        }),
      ));

  test('random bytes as messages of all methods end with a status, and it goes on serving', () =>
    withServer(({ urls: [url] }) =>
      withSession(url!, async (session) => {
        const seed = Number(process.env.NEKUBE_SEED ?? 1);
        const next = seededRandom(seed);
        const methods = [
          'KV/Range',
          'KV/Put',
          'KV/DeleteRange',
          'KV/Txn',
          'Lease/LeaseGrant',
          'Watch/Watch',
          'KV/Compact',
        ];
        for (let i = 0; i < 300; i++) {
          const body = Buffer.from(Array.from({ length: next(40) }, () => next(256)));
          const path = `/etcdserverpb.${methods[next(methods.length)]}`;
          const { status } = await post(session, path, next(4) === 0 ? body : framed(body));
          assert.match(String(status), /^\d+$/, `NEKUBE_SEED=${seed}`);
        }
        await write(url!, '/a', '1');
      }),
    ));

  test('connections that say nothing, nonsense or half of it, and are cut, are no harm', () =>
    withServer(async ({ urls: [url] }) => {
      for (const said of [
        '',
        'P',
        'PRI * HT',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0',
        'GET / HT',
        '\0\x16\x03\x01nonsense',
      ]) {
        const socket = await dial(url!);
        socket.write(said);
        await new Promise((resolve) => setImmediate(resolve));
        socket.destroy();
      }
      await write(url!, '/a', '1');
    }));

  test('a preface that comes byte by byte is understood', () =>
    withServer(async ({ urls: [url] }) => {
      const socket = await dial(url!);
      const answered = new Promise<Buffer>((resolve) => socket.once('data', resolve));
      for (const letter of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0') {
        socket.write(Buffer.from(letter, 'latin1'));
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal((await answered)[3], 4, 'a frame of settings');
      socket.destroy();
    }));

  test('a client that does not read its watch holds nobody up', () =>
    withServer(({ urls: [url] }) =>
      withSession(url!, async (session) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/etcdserverpb.Watch/Watch',
          'content-type': 'application/grpc',
        });
        const create = { key: '/', rangeEnd: '0', startRevision: 1 };
        stream.write(framed(messages.watchRequest.encode({ createRequest: create as never })));
        stream.pause();
        const store = await openEtcd({ endpoints: [url!], prefix: '/t', compactionSeconds: 0 });
        const value = Buffer.alloc(100_000);
        for (let i = 0; i < 60; i++) await store.write({ key: '/a', value });
        assert.equal((await store.range('/')).entries.length, 1);
        await store.close();
        stream.destroy();
      }),
    ));
});

describe('the pages of our etcd', () => {
  for (const [path, status, body] of [
    ['/health', 200, /^\{"health":"true","reason":""\}$/],
    ['/version', 200, /^\{"etcdserver":"3\.6\.\d+","etcdcluster":"3\.6\.0"/],
    ['/metrics', 200, /etcd_server_has_leader 1/],
    ['/nothing', 404, /404 page not found/],
  ] as const)
    test(`${path} over HTTP/1.1`, () =>
      withServer(async ({ urls: [url] }) => {
        const answer = await new Promise<{ code: number | undefined; text: string }>((resolve, reject) => {
          get(`${url}${path}`, (response) => {
            let all = '';
            response.setEncoding('utf8').on('data', (chunk: string) => {
              all += chunk;
            });
            response.on('end', () => resolve({ code: response.statusCode, text: all }));
          }).on('error', reject);
        });
        assert.equal(answer.code, status);
        assert.match(answer.text, body);
      }));
});

describe('the data of our etcd', () => {
  test('what was acknowledged is there after the process was killed, whatever it was doing', () =>
    withDirectory(async (dataDir) => {
      const first = await spawned(dataDir);
      const store = await openEtcd({ endpoints: [first.url], prefix: '/t', compactionSeconds: 0 });
      const acknowledged: string[] = [];
      const writing = Promise.allSettled(
        Array.from({ length: 400 }, async (_, i) => {
          if ((await store.write({ key: `/k${i}`, value: bytes(`${i}`) })).ok) acknowledged.push(`/k${i}`);
          if (acknowledged.length === 50) first.child.kill('SIGKILL');
        }),
      );
      await new Promise((resolve) => first.child.once('exit', resolve));
      const known = [...acknowledged];
      const second = await spawned(dataDir);
      const found = await read(second.url);
      for (const key of known) assert.equal(found[key], key.slice(2));
      second.child.kill('SIGKILL');
      void store.close();
      await writing;
    }));

  test('a record that was not written whole is cut, and what is before it stays', () =>
    withDirectory(async (dataDir) => {
      const journal = join(dataDir, 'journal');
      await served(dataDir, async (url) => {
        await write(url, '/a', '1');
        await write(url, '/b', '1');
      });
      truncateSync(journal, statSync(journal).size - 3);
      await served(dataDir, async (url) => {
        assert.deepEqual(await read(url), { '/a': '1' });
        await write(url, '/c', '1');
      });
      appendFileSync(journal, Buffer.of(40, 0, 0, 0, 1, 2));
      await served(dataDir, async (url) => assert.deepEqual(await read(url), { '/a': '1', '/c': '1' }));
    }));

  for (const [what, at] of [
    ['length', 3],
    ['checksum', 4],
    ['content', 12],
  ] as const)
    test(`a record whose ${what} is damaged is no end: what follows it is not thrown away`, () =>
      withDirectory(async (dataDir) => {
        const journal = join(dataDir, 'journal');
        let begun = 0;
        await served(dataDir, async (url) => {
          await write(url, '/a', '1');
          begun = statSync(journal).size;
          await write(url, '/b', '1');
          await write(url, '/c', '1');
        });
        const damaged = readFileSync(journal);
        damaged[begun + at]! ^= 0x40;
        writeFileSync(journal, damaged);
        await assert.rejects(startEtcdServer({ clientUrls, dataDir, fsync: false }), DamagedError);
        assert.deepEqual(readFileSync(journal), damaged);
      }));

  test('a file that is not ours is refused and left as it is', () =>
    withDirectory(async (dataDir) => {
      writeFileSync(join(dataDir, 'journal'), 'something else');
      await assert.rejects(startEtcdServer({ clientUrls, dataDir, fsync: false }), DamagedError);
    }));

  test('a directory belongs to one server at a time', () =>
    withDirectory((dataDir) =>
      served(dataDir, async () => {
        await assert.rejects(startEtcdServer({ clientUrls, dataDir, fsync: false }), LockedError);
      }),
    ));

  test('history, leases and revisions are there after a restart, also of a journal that was written anew', () =>
    withDirectory(async (dataDir) => {
      const value = Buffer.alloc(500_000);
      let revision = 0;
      await served(dataDir, async (url) => {
        const store = await openEtcd({ endpoints: [url], prefix: '/t', compactionSeconds: 0 });
        await store.write({ key: '/leased', value: bytes('1'), ttlSeconds: 1000 });
        for (let i = 0; i < 12; i++) await store.write({ key: '/large', value });
        ({ revision } = store);
        await store.compact(revision - 1);
        await store.close();
      });
      assert.ok(statSync(join(dataDir, 'journal')).size < 4 * 500_000);
      const clock = new FakeClock();
      const server = await startEtcdServer({ clientUrls, dataDir, fsync: true, clock });
      const store = await openEtcd({ endpoints: server.urls, prefix: '/t', compactionSeconds: 0 });
      assert.equal(store.revision, revision);
      assert.equal(store.compactedRevision, revision - 1);
      assert.deepEqual((await store.get('/large', { revision: revision - 1 }))?.modRevision, revision - 1);
      clock.advance(2_000_000);
      assert.equal(await store.get('/leased'), undefined);
      await store.close();
      await server.close();
    }));
});

async function served(dataDir: string, use: (url: string) => Promise<void>): Promise<void> {
  const server = await startEtcdServer({ clientUrls, dataDir, fsync: false });
  try {
    await use(server.urls[0]!);
  } finally {
    await server.close();
  }
}

/** A server in a process of its own. */
async function spawned(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  const module = new URL('../etcd-server.js', import.meta.url).href;
  const program = `const { startEtcdServer } = await import(${JSON.stringify(module)});
    const options = { clientUrls: [{ host: '127.0.0.1', port: 0 }], dataDir: ${JSON.stringify(dataDir)}, fsync: false };
    console.log((await startEtcdServer(options)).urls[0]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (line: Buffer) => resolve(String(line).trim()));
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  return { child, url };
}

async function dial(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}
