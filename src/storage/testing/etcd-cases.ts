import { Channel, isGrpcError, type Stream } from 'nekube/grpc';
import { messages } from '../etcd-server/messages.ts';
import type { MessageType } from '../protobuf.ts';

/** One thing to do: a call, a message on the stream of watches, or to wait for so many messages of it. */
export type EtcdStep =
  | { readonly call: keyof typeof CALLS; readonly with: object }
  | { readonly watch: object }
  | { readonly hear: number };

/** Steps on an etcd that is new. */
export interface EtcdCase {
  readonly name: string;
  readonly steps: readonly EtcdStep[];
}

/** What was answered, one value a step; those of `hear` are lists. */
export type EtcdAnswers = readonly unknown[];

const m = messages;
const type = (message: MessageType<never>): MessageType<object> => message as unknown as MessageType<object>;

const CALLS = {
  'KV/Range': [type(m.rangeRequest as never), m.rangeResponse],
  'KV/Put': [type(m.putRequest as never), m.putResponse],
  'KV/DeleteRange': [type(m.deleteRangeRequest as never), m.deleteRangeResponse],
  'KV/Txn': [type(m.txnRequest as never), m.txnResponse],
  'KV/Compact': [type(m.compactionRequest as never), m.headerOnly],
  'Lease/LeaseGrant': [type(m.leaseGrantRequest as never), m.leaseAnswer],
  'Lease/LeaseRevoke': [type(m.leaseId as never), m.headerOnly],
  'Lease/LeaseTimeToLive': [type(m.leaseTimeToLiveRequest as never), m.leaseTimeToLiveResponse],
  'Lease/LeaseLeases': [m.nothing, m.leaseLeasesResponse],
  'Maintenance/Alarm': [type(m.alarmRequest as never), m.alarmResponse],
  'Maintenance/Defragment': [m.nothing, m.headerOnly],
  'Auth/Authenticate': [m.nothing, m.headerOnly],
  'Auth/AuthStatus': [m.nothing, m.authStatusResponse],
  'KV/Nothing': [m.nothing, m.headerOnly],
} as const satisfies Record<string, readonly [MessageType<object>, MessageType<object>]>;

const text = (value: string): Buffer => Buffer.from(value);
const call = (method: keyof typeof CALLS, request: object): EtcdStep => ({ call: method, with: request });
const range = (request: object): EtcdStep => call('KV/Range', request);
const put = (key: string, value: string, more: object = {}): EtcdStep =>
  call('KV/Put', { key, value: text(value), ...more });
const del = (request: object): EtcdStep => call('KV/DeleteRange', request);
const txn = (compare: object[], success: object[], failure: object[] = []): EtcdStep =>
  call('KV/Txn', { compare, success, failure });
const watch = (request: object): EtcdStep => ({ watch: { createRequest: request } });
const hear = (count: number): EtcdStep => ({ hear: count });
const opPut = (key: string, value: string, more: object = {}): object => ({
  requestPut: { key, value: text(value), ...more },
});
const opRange = (key: string, more: object = {}): object => ({ requestRange: { key, ...more } });
const opDelete = (key: string, more: object = {}): object => ({ requestDeleteRange: { key, ...more } });
const three = [put('a', '3'), put('b', '1'), put('c', '2'), put('b', '2')];
const EQUAL = 0;
const [VERSION, CREATE, MOD, VALUE, LEASE] = [0, 1, 2, 3, 4];

/** Requests whose answers are recorded from a real etcd, and must be the same of ours. */
export const etcdCases: readonly EtcdCase[] = [
  {
    name: 'ranges: one key, a prefix, from a key on, all, none, an interval that is empty',
    steps: [
      range({ key: 'a' }),
      ...three,
      ...['', 'c', '\0', 'a'].map((rangeEnd) => range({ key: 'a', rangeEnd })),
      range({ key: '\0', rangeEnd: '\0' }),
      range({ key: 'x', rangeEnd: 'z' }),
      range({ key: '' }),
    ],
  },
  {
    name: 'ranges: limits, counts, keys alone, orders',
    steps: [
      ...three,
      ...[{ limit: 1 }, { limit: 3 }, { limit: 2, countOnly: true }, { keysOnly: true }, { limit: -1 }].map((more) =>
        range({ key: 'a', rangeEnd: 'z', ...more }),
      ),
      ...[0, 1, 2].flatMap((sortOrder) =>
        [0, 1, 2, 3, 4].map((sortTarget) => range({ key: 'a', rangeEnd: 'z', sortOrder, sortTarget, limit: 2 })),
      ),
      range({ key: 'a', sortOrder: 3 }),
      range({ key: 'a', sortTarget: 5 }),
      range({ key: 'a', sortTarget: -1 }),
    ],
  },
  {
    name: 'ranges: bounds of revisions, with limits',
    steps: [
      ...three,
      ...[
        { minModRevision: 4 },
        { maxModRevision: 4 },
        { minCreateRevision: 3, maxCreateRevision: 3 },
        { minModRevision: 2, limit: 1 },
        { maxModRevision: 1 },
      ].map((more) => range({ key: 'a', rangeEnd: 'z', ...more })),
    ],
  },
  {
    name: 'ranges: old revisions, ones to come, and compacted ones',
    steps: [
      ...three,
      del({ key: 'a' }),
      ...[1, 2, 3, 5, 6, 7, -1].map((revision) => range({ key: 'a', rangeEnd: 'z', revision })),
      call('KV/Compact', { revision: 4 }),
      ...[3, 4, 5].map((revision) => range({ key: 'a', rangeEnd: 'z', revision })),
      call('KV/Compact', { revision: 4 }),
      call('KV/Compact', { revision: 3 }),
      call('KV/Compact', { revision: 99 }),
      call('KV/Compact', { revision: 6 }),
      range({ key: 'a', rangeEnd: 'z' }),
      call('KV/Compact', { revision: 0 }),
      call('KV/Compact', { revision: -1 }),
    ],
  },
  {
    name: 'puts: what was before, what is kept, what cannot be',
    steps: [
      put('a', '1', { prevKv: true }),
      put('a', '2', { prevKv: true }),
      put('a', '', { ignoreValue: true, prevKv: true }),
      range({ key: 'a' }),
      put('a', 'x', { ignoreValue: true }),
      put('a', 'x', { ignoreLease: true, lease: 1n }),
      put('none', '', { ignoreValue: true }),
      put('none', 'x', { ignoreLease: true }),
      put('', 'x'),
      put('a', 'x', { lease: 77n }),
      put('\xff\0', '\0'),
      range({ key: '\xff', rangeEnd: '\0' }),
    ],
  },
  {
    name: 'deletions: one, several, none, with what was before',
    steps: [
      ...three,
      del({ key: 'x' }),
      del({ key: 'a', prevKv: true }),
      del({ key: 'b', rangeEnd: '\0', prevKv: true }),
      del({ key: 'a', rangeEnd: 'z' }),
      del({ key: '' }),
      put('a', '4'),
      range({ key: 'a' }),
      range({ key: 'a', revision: 2 }),
    ],
  },
  {
    name: 'transactions: comparisons of all targets and results',
    steps: [
      call('Lease/LeaseGrant', { ID: 5n, TTL: 100 }),
      put('a', 'v', { lease: 5n }),
      ...[0, 1, 2, 3, 7].flatMap((result) =>
        [
          { target: VERSION, version: 1 },
          { target: CREATE, createRevision: 2 },
          { target: MOD, modRevision: 1 },
          { target: VALUE, value: text('w') },
          { target: LEASE, lease: 5n },
        ].map((compare) => txn([{ key: 'a', result, ...compare }], [])),
      ),
      txn([{ key: 'none', result: EQUAL, target: VERSION }], []),
      txn([{ key: 'none', result: EQUAL, target: VALUE }], []),
      txn([{ key: 'none', result: EQUAL, target: MOD, modRevision: 0 }], []),
      put('b', 'v'),
      txn([{ key: 'a', rangeEnd: 'c', result: EQUAL, target: VALUE, value: text('v') }], []),
      txn([{ key: 'a', rangeEnd: 'c', result: EQUAL, target: LEASE, lease: 5n }], []),
      txn([{ key: 'x', rangeEnd: 'z', result: EQUAL, target: MOD }], []),
      txn([{ key: '', target: MOD }], []),
    ],
  },
  {
    name: 'transactions: several operations have one revision',
    steps: [
      txn([], [opPut('a', '1'), opPut('b', '1'), opRange('a', { rangeEnd: 'z' }), opDelete('c')]),
      range({ key: 'a', rangeEnd: 'z' }),
      txn([], [opRange('a'), opPut('a', '2', { prevKv: true }), opRange('a'), opDelete('b', { prevKv: true })]),
      txn([{ key: 'a', target: MOD, modRevision: 1 }], [opPut('a', 'x')], [opRange('a'), opRange('b')]),
      txn([], [opDelete('none')]),
      txn([], []),
      txn([], [opRange('a', { revision: 2 }), opPut('c', '1')]),
      put('d', '1'),
    ],
  },
  {
    name: 'transactions: what cannot be is refused whole',
    steps: [
      txn([], [opPut('a', '1'), opPut('a', '2')]),
      txn([], [opPut('a', '1'), opDelete('a')]),
      txn([], [opDelete('a', { rangeEnd: 'z' }), opPut('m', '1')]),
      txn([], [opDelete('a', { rangeEnd: 'z' }), opDelete('b')]),
      txn([], [{}]),
      txn([], [opPut('', '1')]),
      txn([], [opPut('a', '1'), opPut('b', '1', { lease: 9n })]),
      txn([], [opPut('a', '1'), opRange('a', { revision: 99 })]),
      txn([], [opPut('a', '1'), opPut('b', '', { ignoreValue: true })]),
      txn(
        [],
        Array.from({ length: 129 }, (_, i) => opPut(`k${i}`, '')),
      ),
      txn(
        [],
        Array.from({ length: 128 }, (_, i) => opPut(`k${i}`, '')),
      ),
      range({ key: 'k', rangeEnd: 'l', countOnly: true }),
      range({ key: 'a' }),
    ],
  },
  {
    name: 'transactions within transactions',
    steps: [
      put('a', '1'),
      txn(
        [],
        [
          {
            requestTxn: {
              compare: [{ key: 'a', target: VERSION, version: 1 }],
              success: [opPut('b', '1')],
              failure: [],
            },
          },
          {
            requestTxn: { compare: [{ key: 'b', target: VERSION, version: 1 }], success: [], failure: [opRange('b')] },
          },
          opPut('c', '1'),
        ],
      ),
      txn([], [opPut('x', '1'), { requestTxn: { compare: [], success: [opPut('x', '2')], failure: [] } }]),
      txn([], [{ requestTxn: { compare: [], success: [opPut('y', '2')], failure: [opPut('y', '3')] } }]),
      txn([], [{ requestTxn: { compare: [], success: [opDelete('y')], failure: [] } }, opPut('y', '3')]),
    ],
  },
  {
    name: 'leases: granted, asked for, revoked with their keys',
    steps: [
      call('Lease/LeaseGrant', { ID: 7n, TTL: 1 }),
      call('Lease/LeaseGrant', { ID: 8n, TTL: 100 }),
      call('Lease/LeaseGrant', { ID: 8n, TTL: 100 }),
      call('Lease/LeaseGrant', { ID: 9n, TTL: 9_000_000_001 }),
      put('b', '1', { lease: 8n }),
      put('a', '1', { lease: 8n }),
      put('c', '1', { lease: 8n }),
      put('c', '2'),
      call('Lease/LeaseTimeToLive', { ID: 8n, keys: true }),
      call('Lease/LeaseTimeToLive', { ID: 99n, keys: true }),
      call('Lease/LeaseLeases', {}),
      call('Lease/LeaseRevoke', { ID: 8n }),
      call('Lease/LeaseRevoke', { ID: 8n }),
      range({ key: 'a', rangeEnd: 'z' }),
    ],
  },
  {
    name: 'watches: from now, from before, filtered, with what was before',
    steps: [
      put('a', '1'),
      watch({ key: 'a' }),
      hear(1),
      watch({ key: 'a', rangeEnd: 'c', startRevision: 1, prevKv: true }),
      hear(2),
      put('a', '2'),
      hear(2),
      watch({ key: 'a', rangeEnd: '\0', filters: [0] }),
      hear(1),
      watch({ key: '', rangeEnd: '\0', filters: [1], watchId: 17 }),
      hear(1),
      txn([], [opPut('b', '1'), opPut('z', '1')]),
      hear(2),
      del({ key: 'a' }),
      hear(3),
    ],
  },
  {
    name: 'watches: refused, cancelled, asked for progress',
    steps: [
      put('a', '1'),
      watch({ key: 'a', watchId: 3 }),
      hear(1),
      watch({ key: 'b', watchId: 3 }),
      hear(1),
      watch({ key: 'b', rangeEnd: 'a' }),
      hear(1),
      watch({ key: 'a', startRevision: -1 }),
      hear(1),
      { watch: { progressRequest: {} } },
      hear(1),
      { watch: { cancelRequest: { watchId: 3 } } },
      hear(1),
      { watch: { cancelRequest: { watchId: 3 } } },
      { watch: {} },
      { watch: { progressRequest: {} } },
      watch({ key: 'q' }),
      hear(1),
    ],
  },
  {
    name: 'watches: from revisions that are compacted, or to come',
    steps: [
      ...three,
      call('KV/Compact', { revision: 4 }),
      watch({ key: 'a', rangeEnd: 'z', startRevision: 2 }),
      hear(2),
      watch({ key: 'a', rangeEnd: 'z', startRevision: 4 }),
      hear(2),
      watch({ key: 'a', startRevision: 7 }),
      hear(1),
      put('a', '5'),
      hear(1),
      put('a', '6'),
      hear(2),
    ],
  },
  {
    name: 'what is not enabled, not needed, not there',
    steps: [
      call('Auth/Authenticate', {}),
      call('Auth/AuthStatus', {}),
      call('Maintenance/Alarm', {}),
      call('Maintenance/Defragment', {}),
      call('KV/Nothing', {}),
      put('a', 'x'.repeat(1_572_864)),
    ],
  },
];

/** Does the steps of a case at a URL. */
export async function runEtcdCase(url: string, { steps }: EtcdCase): Promise<EtcdAnswers> {
  const channel = new Channel(url, {});
  const heard: unknown[] = [];
  let wake = (): void => {};
  let stream: Stream<object, object> | undefined;
  const watching = async (): Promise<Stream<object, object>> => {
    if (stream !== undefined) return stream;
    const { watchRequest, watchResponse } = messages;
    stream = await channel.stream(
      { path: '/etcdserverpb.Watch/Watch', metadata: {} },
      {
        encode: (request: object) => watchRequest.encode(request),
        decode: (bytes): object => watchResponse.decode(bytes),
      },
    );
    stream.on('error', (error) => {
      heard.push({ code: error.code, message: error.details });
      wake();
    });
    stream.on('data', (message) => {
      heard.push(plain(message));
      wake();
    });
    return stream;
  };
  const answers: unknown[] = [];
  for (const step of steps) {
    if ('call' in step) answers.push(await answerTo(channel, step));
    else if ('watch' in step) (await watching()).write(step.watch);
    else {
      while (heard.length < step.hear)
        await new Promise<void>((resolve, reject) => {
          wake = resolve;
          setTimeout(() => reject(new Error(`heard ${heard.length} messages of ${step.hear}`)), 5000).unref();
        });
      answers.push(sorted(heard.splice(0, step.hear)));
    }
  }
  stream?.cancel();
  channel.close();
  return answers;
}

/** Watches are told in no order among each other. */
function sorted(heard: unknown[]): unknown[] {
  const id = (answer: unknown): number => Number((answer as { watchId?: number }).watchId ?? 0);
  return heard.sort((a, b) => id(a) - id(b));
}

async function answerTo(channel: Channel, step: Extract<EtcdStep, { call: unknown }>): Promise<unknown> {
  const [request, response] = CALLS[step.call];
  try {
    const path = `/etcdserverpb.${step.call}`;
    return plain(
      response.decode(
        await channel.call({ path, metadata: {}, deadline: Date.now() + 5000 }, request.encode(step.with)),
      ),
    );
  } catch (error) {
    if (!isGrpcError(error)) throw error;
    return { code: error.code, message: error.details };
  }
}

/** As JSON, without what is zero, and without who answered. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return shortened(Buffer.from(value).toString('latin1'));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !['clusterId', 'memberId', 'raftTerm'].includes(key))
    .map(([key, inner]) => [key, plain(inner)] as const)
    .filter(([, inner]) => inner !== undefined && inner !== 0 && inner !== '0n' && inner !== false && inner !== '')
    .filter(([, inner]) => !(Array.isArray(inner) && inner.length === 0));
  return Object.fromEntries(entries);
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.length} characters` : text;
}
