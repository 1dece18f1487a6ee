import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatusError } from 'nekube/apimachinery';
import { Code, Listener, RpcError, type StreamMethod, type UnaryMethod } from 'nekube/grpc';
import { ClosedError } from '../errors.ts';
import { messages } from '../etcd-server/messages.ts';
import { openEtcd } from '../etcd.ts';
import { bytes } from '../testing/fixtures.ts';

const never = new Promise<never>(() => {});

/** What a transaction is answered; it may have the watch tell a revision. */
type Transact = (tell: (revision: number) => void) => object | Promise<object>;

/** An etcd whose revision goes up, whose watches tell nothing of themselves, and whose transactions are never answered. */
async function withMuteEtcd(
  use: (url: string, advance: () => void) => Promise<void>,
  { transact = () => never, version = '3.6.0' }: { transact?: Transact; version?: string } = {},
): Promise<void> {
  let revision = 1;
  let tell = (_revision: number): void => {};
  const range: UnaryMethod = {
    request: messages.rangeRequest,
    response: messages.rangeResponse,
    handle: () => ({ header: { revision } }),
  };
  const listener = new Listener(
    new Map<string, StreamMethod | UnaryMethod>([
      ['/etcdserverpb.KV/Range', range],
      [
        '/etcdserverpb.KV/Txn',
        {
          request: messages.txnRequest,
          response: messages.txnResponse,
          handle: () => transact((told) => tell(told)),
        },
      ],
      [
        '/etcdserverpb.Maintenance/Status',
        { request: messages.nothing, response: messages.statusResponse, handle: () => ({ version }) },
      ],
      [
        '/etcdserverpb.Watch/Watch',
        {
          request: messages.watchRequest,
          response: messages.watchResponse,
          open: (out) => {
            tell = (told) => out.send({ header: { revision: told } });
            return { message() {}, drained() {}, ended() {}, closed() {} };
          },
        },
      ],
    ]),
  );
  try {
    await use(await listener.listen({ host: '127.0.0.1', port: 0 }), () => revision++);
  } finally {
    await listener.close();
  }
}

test('a read that etcd told of something new, and then nothing more, ends with the timeout of the real server', () =>
  withMuteEtcd(async (url, advance) => {
    const store = await openEtcd({ endpoints: [url], prefix: '/t', compactionSeconds: 0, readMs: 100 });
    advance();
    await assert.rejects(
      async () => store.get('/a'),
      (error) => isStatusError(error, 'Timeout'),
    );
    await store.close();
  }));

// etcd before 3.4.31 cannot be asked how far its watch is, and is written to, so that the watch tells something
test('a read hears nothing of a member that was lost while it waited for the watch', () => {
  let tries = 0;
  const transact: Transact = (tell) => {
    if (++tries === 1) throw new RpcError(Code.unavailable, 'etcdserver: leader changed');
    tell(2);
    return { header: { revision: 2 }, succeeded: true };
  };
  return withMuteEtcd(
    async (url, advance) => {
      const store = await openEtcd({ endpoints: [url], prefix: '/t', compactionSeconds: 0 });
      advance();
      assert.equal(await store.get('/a'), undefined);
      assert.ok(tries >= 2);
      await store.close();
    },
    { transact, version: '3.4.23' },
  );
});

test('a store is closed while a read waits for what etcd does not tell', () =>
  withMuteEtcd(async (url, advance) => {
    const store = await openEtcd({ endpoints: [url], prefix: '/t', compactionSeconds: 0 });
    advance();
    const refused = assert.rejects(async () => store.get('/a'), ClosedError);
    await store.head('/a', { mayLag: true });
    await store.close();
    await refused;
  }));

// without a bound the write would be waited for as long as a call may take, which is 34 seconds
test('a store is closed although etcd does not answer a write', { timeout: 20_000 }, () =>
  withMuteEtcd(async (url) => {
    const store = await openEtcd({ endpoints: [url], prefix: '/t', compactionSeconds: 0 });
    const refused = assert.rejects(async () => store.write({ key: '/a', value: bytes('1') }), ClosedError);
    await store.close();
    await refused;
  }),
);
