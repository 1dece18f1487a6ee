import type { Database } from './database.ts';
import {
  Code,
  type InStream,
  type Methods,
  type OutStream,
  RpcError,
  type StreamMethod,
  type UnaryMethod,
} from 'nekube/grpc';
import { refusal } from './errors.ts';
import { Kv } from './kv.ts';
import type { Lease } from './leases.ts';
import { type Answer, messages, type ResponseHeader, type WatchRequest } from './messages.ts';
import type { MessageType } from '../protobuf.ts';
import { ETCD_VERSION } from './version.ts';
import { WatchSession } from './watches.ts';

/** Who answers. */
export interface Identity {
  readonly name: string;
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly clientUrls: () => readonly string[];
}

/** There was one election, which this member won. */
const TERM = 2;

/** The methods of etcd's v3 API on a database. `sessions` has the streams of watches that are open. */
export function methodsOf(database: Database, identity: Identity, sessions: Set<WatchSession>): Methods {
  const services = new Services(database, identity, sessions);
  return new Map(Object.entries({ ...services.kv(), ...services.leases(), ...services.others() }));
}

/** etcd takes writes of so many bytes, with a few of its own that go with each. */
const MOST_WRITE = 1.5 * 1024 * 1024;
const OWN_BYTES = 16;

function checkSize(size: number): void {
  if (size + OWN_BYTES > MOST_WRITE) throw refusal('tooLarge');
}

class Services {
  readonly #database: Database;
  readonly #identity: Identity;
  readonly #sessions: Set<WatchSession>;

  constructor(database: Database, identity: Identity, sessions: Set<WatchSession>) {
    this.#database = database;
    this.#identity = identity;
    this.#sessions = sessions;
  }

  kv(): Record<string, UnaryMethod> {
    const kv = new Kv(this.#database);
    const m = messages;
    return {
      '/etcdserverpb.KV/Range': this.#unary(m.rangeRequest, m.rangeResponse, (request) => kv.range(request)),
      '/etcdserverpb.KV/Put': this.#unary(m.putRequest, m.putResponse, (request, size) => {
        checkSize(size);
        return kv.put(request);
      }),
      '/etcdserverpb.KV/DeleteRange': this.#unary(m.deleteRangeRequest, m.deleteRangeResponse, (request) =>
        kv.deleteRange(request),
      ),
      '/etcdserverpb.KV/Txn': this.#unary(m.txnRequest, m.txnResponse, (request, size) => {
        checkSize(size);
        return kv.txn(request);
      }),
      '/etcdserverpb.KV/Compact': this.#unary(m.compactionRequest, m.headerOnly, async ({ revision }) => {
        await this.#database.compact(revision);
        return {};
      }),
    };
  }

  leases(): Record<string, UnaryMethod | StreamMethod> {
    const { leases } = this.#database;
    const m = messages;
    const keepAlive: StreamMethod = {
      request: m.leaseId,
      response: m.leaseAnswer,
      open: (out) => this.#keepAlive(out),
    };
    return {
      '/etcdserverpb.Lease/LeaseGrant': this.#unary(m.leaseGrantRequest, m.leaseAnswer, ({ ID, TTL }) => {
        const lease = this.#database.grant(ID, TTL);
        return { ID: lease.id, TTL: lease.ttlSeconds };
      }),
      '/etcdserverpb.Lease/LeaseRevoke': this.#unary(m.leaseId, m.headerOnly, ({ ID }) => {
        this.#database.revoke(ID);
        return {};
      }),
      '/etcdserverpb.Lease/LeaseKeepAlive': keepAlive,
      '/etcdserverpb.Lease/LeaseTimeToLive': this.#unary(
        m.leaseTimeToLiveRequest,
        m.leaseTimeToLiveResponse,
        ({ ID, keys }) => {
          const lease = leases.find(ID);
          if (lease === undefined) return { ID, TTL: -1 };
          const remaining = { ID, TTL: leases.remaining(lease), grantedTTL: lease.ttlSeconds };
          return keys ? { ...remaining, keys: [...lease.keys].sort() } : remaining;
        },
      ),
      '/etcdserverpb.Lease/LeaseLeases': this.#unary(m.nothing, m.leaseLeasesResponse, () => ({
        leases: leases.all().map(({ id }) => ({ ID: id })),
      })),
    };
  }

  others(): Record<string, UnaryMethod | StreamMethod> {
    const m = messages;
    const watch: StreamMethod = { request: m.watchRequest, response: m.watchResponse, open: (out) => this.#watch(out) };
    return {
      '/etcdserverpb.Watch/Watch': watch,
      '/etcdserverpb.Cluster/MemberList': this.#unary(m.nothing, m.memberListResponse, () => ({
        members: [this.#member()],
      })),
      '/etcdserverpb.Maintenance/Status': this.#unary(m.nothing, m.statusResponse, () => this.#status()),
      '/etcdserverpb.Maintenance/Alarm': this.#unary(m.alarmRequest, m.alarmResponse, () => ({})),
      '/etcdserverpb.Maintenance/Snapshot': this.#unary(m.nothing, m.headerOnly, () => {
        throw new RpcError(Code.unimplemented, 'etcd of nekube has no snapshots: copy its data directory instead');
      }),
      '/etcdserverpb.Auth/Authenticate': this.#unary(m.nothing, m.headerOnly, () => {
        throw refusal('authNotEnabled');
      }),
      '/etcdserverpb.Auth/AuthStatus': this.#unary(m.nothing, m.authStatusResponse, () => ({ authRevision: 1 })),
      '/etcdserverpb.Maintenance/Defragment': { request: m.nothing, response: m.nothing, handle: () => ({}) },
      '/grpc.health.v1.Health/Check': {
        request: m.nothing,
        response: m.healthResponse,
        handle: () => ({ status: 1 }),
      },
    };
  }

  /** A method whose answer gets the header, and leaves when all that it tells of is written. */
  #unary<T extends object>(
    request: MessageType<T>,
    response: MessageType<Answer>,
    handle: (request: T, size: number) => Answer | Promise<Answer>,
  ): UnaryMethod {
    return {
      request,
      response,
      handle: (async (message: T, size: number): Promise<Answer> => {
        const answer = await handle(message, size);
        const revision = this.#database.revisions.revision;
        await this.#written();
        return { ...answer, header: this.#header({ revision, ...(answer.header as object | undefined) }) };
      }) as UnaryMethod['handle'],
    };
  }

  async #written(): Promise<void> {
    try {
      await this.#database.flushed();
    } catch {
      throw refusal('stopped');
    }
  }

  #header({ revision }: { readonly revision: number }): ResponseHeader {
    const { clusterId, memberId } = this.#identity;
    return { clusterId, memberId, revision, raftTerm: TERM };
  }

  #watch(out: OutStream): InStream {
    const session = new WatchSession(this.#database, {
      send: (answer) => out.send({ ...answer, header: this.#header(answer.header as { readonly revision: number }) }),
      get isFull() {
        return out.isFull;
      },
    });
    this.#sessions.add(session);
    return {
      message: (request: WatchRequest) => session.receive(request),
      drained: () => session.resume(),
      ended: () => {},
      closed: () => {
        session.close();
        this.#sessions.delete(session);
      },
    };
  }

  #keepAlive(out: OutStream): InStream {
    const { leases } = this.#database;
    const renew = (lease: Lease | undefined): number => {
      if (lease === undefined) return 0;
      leases.renew(lease);
      return lease.ttlSeconds;
    };
    return {
      message: ({ ID }: { readonly ID: bigint }) => {
        const header = this.#header({ revision: this.#database.told });
        out.send({ header, ID, TTL: renew(leases.find(ID)) });
      },
      drained: () => {},
      ended: () => {},
      closed: () => {},
    };
  }

  #member(): Answer {
    const { name, memberId, clientUrls } = this.#identity;
    return { ID: memberId, name, peerURLs: [], clientURLs: clientUrls() };
  }

  #status(): Answer {
    const { revisions, size } = this.#database;
    const index = revisions.revision;
    return {
      version: ETCD_VERSION,
      storageVersion: '3.6.0',
      dbSize: size,
      dbSizeInUse: Math.min(size, revisions.bytes),
      leader: this.#identity.memberId,
      raftIndex: index,
      raftAppliedIndex: index,
      raftTerm: TERM,
    };
  }
}
