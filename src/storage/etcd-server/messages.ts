import { type Fields, MessageType } from '../protobuf.ts';

/** What every answer begins with. */
export interface ResponseHeader {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly revision: number;
  readonly raftTerm: number;
}

/** A version of a key. A deletion has a key and a revision. */
export interface KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly value: Uint8Array;
  readonly lease: bigint;
}

/** Which keys, as of when, and in which order. */
export interface RangeRequest {
  readonly key: string;
  readonly rangeEnd: string;
  readonly limit: number;
  readonly revision: number;
  readonly sortOrder: number;
  readonly sortTarget: number;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}

/** A key to write. */
export interface PutRequest {
  readonly key: string;
  readonly value: Uint8Array;
  readonly lease: bigint;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

/** Keys to delete. */
export interface DeleteRangeRequest {
  readonly key: string;
  readonly rangeEnd: string;
  readonly prevKv: boolean;
}

/** One operation of a transaction: one of the four. */
export interface RequestOp {
  readonly requestRange?: RangeRequest;
  readonly requestPut?: PutRequest;
  readonly requestDeleteRange?: DeleteRangeRequest;
  readonly requestTxn?: TxnRequest;
}

/** A condition of a transaction. `target` says which of the last fields counts. */
export interface Compare {
  readonly result: number;
  readonly target: number;
  readonly key: string;
  readonly version: number;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly value: Uint8Array;
  readonly lease: bigint;
  readonly rangeEnd: string;
}

/** If all comparisons hold `success` is done, else `failure`. */
export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}

/** What to watch from when. */
export interface WatchCreateRequest {
  readonly key: string;
  readonly rangeEnd: string;
  readonly startRevision: number;
  readonly progressNotify: boolean;
  readonly filters: readonly number[];
  readonly prevKv: boolean;
  readonly watchId: number;
  readonly fragment: boolean;
}

/** One message of the client on a stream of watches. */
export interface WatchRequest {
  readonly createRequest?: WatchCreateRequest;
  readonly cancelRequest?: { readonly watchId: number };
  readonly progressRequest?: object;
}

/** A change of a key; `type` 0 is a put, 1 a deletion. */
export interface WatchEvent {
  readonly type: number;
  readonly kv: Partial<KeyValue>;
  readonly prevKv?: Partial<KeyValue>;
}

/** What an answer holds; what is absent is zero. */
export type Answer = Readonly<Record<string, unknown>>;

const message = <T extends object = Answer>(name: string, fields: Fields = {}): MessageType<T> =>
  new MessageType<T>(name, fields);

const header = message<ResponseHeader>('ResponseHeader', {
  clusterId: [1, 'id'],
  memberId: [2, 'id'],
  revision: [3, 'int'],
  raftTerm: [4, 'int'],
});
/** A message of an answer, which begins with the header. */
const answer = (name: string, fields: Fields = {}): MessageType<Answer> =>
  message(name, { header: [1, header], ...fields });

const keyValue = message<KeyValue>('KeyValue', {
  key: [1, 'key'],
  createRevision: [2, 'int'],
  modRevision: [3, 'int'],
  version: [4, 'int'],
  value: [5, 'bytes'],
  lease: [6, 'id'],
});
const rangeRequest = message<RangeRequest>('RangeRequest', {
  key: [1, 'key'],
  rangeEnd: [2, 'key'],
  limit: [3, 'int'],
  revision: [4, 'int'],
  sortOrder: [5, 'int'],
  sortTarget: [6, 'int'],
  keysOnly: [8, 'bool'],
  countOnly: [9, 'bool'],
  minModRevision: [10, 'int'],
  maxModRevision: [11, 'int'],
  minCreateRevision: [12, 'int'],
  maxCreateRevision: [13, 'int'],
});
const rangeResponse = answer('RangeResponse', {
  kvs: [2, keyValue, 'repeated'],
  more: [3, 'bool'],
  count: [4, 'int'],
});
const putRequest = message<PutRequest>('PutRequest', {
  key: [1, 'key'],
  value: [2, 'bytes'],
  lease: [3, 'id'],
  prevKv: [4, 'bool'],
  ignoreValue: [5, 'bool'],
  ignoreLease: [6, 'bool'],
});
const putResponse = answer('PutResponse', { prevKv: [2, keyValue] });
const deleteRangeRequest = message<DeleteRangeRequest>('DeleteRangeRequest', {
  key: [1, 'key'],
  rangeEnd: [2, 'key'],
  prevKv: [3, 'bool'],
});
const deleteRangeResponse = answer('DeleteRangeResponse', {
  deleted: [2, 'int'],
  prevKvs: [3, keyValue, 'repeated'],
});
const compare = message<Compare>('Compare', {
  result: [1, 'int'],
  target: [2, 'int'],
  key: [3, 'key'],
  version: [4, 'int'],
  createRevision: [5, 'int'],
  modRevision: [6, 'int'],
  value: [7, 'bytes'],
  lease: [8, 'id'],
  rangeEnd: [64, 'key'],
});
const txnRequest = message<TxnRequest>('TxnRequest');
const txnResponse = answer('TxnResponse');
const requestOp = message<RequestOp>('RequestOp', {
  requestRange: [1, rangeRequest],
  requestPut: [2, putRequest],
  requestDeleteRange: [3, deleteRangeRequest],
  requestTxn: [4, txnRequest],
});
const responseOp = message('ResponseOp', {
  responseRange: [1, rangeResponse],
  responsePut: [2, putResponse],
  responseDeleteRange: [3, deleteRangeResponse],
  responseTxn: [4, txnResponse],
});
txnRequest.define({
  compare: [1, compare, 'repeated'],
  success: [2, requestOp, 'repeated'],
  failure: [3, requestOp, 'repeated'],
});
txnResponse.define({ header: [1, header], succeeded: [2, 'bool'], responses: [3, responseOp, 'repeated'] });

const watchCreateRequest = message<WatchCreateRequest>('WatchCreateRequest', {
  key: [1, 'key'],
  rangeEnd: [2, 'key'],
  startRevision: [3, 'int'],
  progressNotify: [4, 'bool'],
  filters: [5, 'int', 'repeated'],
  prevKv: [6, 'bool'],
  watchId: [7, 'int'],
  fragment: [8, 'bool'],
});
const event = message<WatchEvent>('Event', { type: [1, 'int'], kv: [2, keyValue], prevKv: [3, keyValue] });
const id: Fields = { ID: [1, 'id'] };
const member = message('Member', {
  ID: [1, 'id'],
  name: [2, 'string'],
  peerURLs: [3, 'string', 'repeated'],
  clientURLs: [4, 'string', 'repeated'],
});
const alarm = message('AlarmMember', { memberID: [1, 'id'], alarm: [2, 'int'] });

/** The messages of etcd's v3 API that are spoken here, with the names and numbers of its fields. */
export const messages = {
  keyValue,
  rangeRequest,
  rangeResponse,
  putRequest,
  putResponse,
  deleteRangeRequest,
  deleteRangeResponse,
  txnRequest,
  txnResponse,
  event,
  nothing: message('Empty'),
  headerOnly: answer('HeaderOnly'),
  compactionRequest: message<{ readonly revision: number }>('CompactionRequest', { revision: [1, 'int'] }),
  watchRequest: message<WatchRequest>('WatchRequest', {
    createRequest: [1, watchCreateRequest],
    cancelRequest: [2, message('WatchCancelRequest', { watchId: [1, 'int'] })],
    progressRequest: [3, message('WatchProgressRequest')],
  }),
  watchResponse: answer('WatchResponse', {
    watchId: [2, 'int'],
    created: [3, 'bool'],
    canceled: [4, 'bool'],
    compactRevision: [5, 'int'],
    cancelReason: [6, 'string'],
    fragment: [7, 'bool'],
    events: [11, event, 'repeated'],
  }),
  leaseGrantRequest: message<{ readonly TTL: number; readonly ID: bigint }>('LeaseGrantRequest', {
    TTL: [1, 'int'],
    ID: [2, 'id'],
  }),
  leaseAnswer: answer('LeaseAnswer', { ID: [2, 'id'], TTL: [3, 'int'], error: [4, 'string'] }),
  leaseId: message<{ readonly ID: bigint }>('LeaseId', id),
  leaseTimeToLiveRequest: message<{ readonly ID: bigint; readonly keys: boolean }>('LeaseTimeToLiveRequest', {
    ...id,
    keys: [2, 'bool'],
  }),
  leaseTimeToLiveResponse: answer('LeaseTimeToLiveResponse', {
    ID: [2, 'id'],
    TTL: [3, 'int'],
    grantedTTL: [4, 'int'],
    keys: [5, 'key', 'repeated'],
  }),
  leaseLeasesResponse: answer('LeaseLeasesResponse', { leases: [2, message('LeaseStatus', id), 'repeated'] }),
  memberListResponse: answer('MemberListResponse', { members: [2, member, 'repeated'] }),
  alarmRequest: message<{ readonly action: number }>('AlarmRequest', { action: [1, 'int'] }),
  alarmResponse: answer('AlarmResponse', { alarms: [2, alarm, 'repeated'] }),
  statusResponse: answer('StatusResponse', {
    version: [2, 'string'],
    dbSize: [3, 'int'],
    leader: [4, 'id'],
    raftIndex: [5, 'int'],
    raftTerm: [6, 'int'],
    raftAppliedIndex: [7, 'int'],
    dbSizeInUse: [9, 'int'],
    storageVersion: [11, 'string'],
  }),
  authStatusResponse: answer('AuthStatusResponse', { enabled: [2, 'bool'], authRevision: [3, 'int'] }),
  healthResponse: message('HealthCheckResponse', { status: [1, 'int'] }),
} as const;
