import { type Fields, MessageType } from '../protobuf.ts';

/** What every answer of etcd begins with. */
export interface ResponseHeader {
  readonly revision: number;
}

/** A version of a key. */
export interface KeyValue {
  readonly key: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly value: Uint8Array;
}

/** Keys from `key` up to `rangeEnd`, or the one key. */
export interface RangeRequest {
  readonly key: Uint8Array;
  readonly rangeEnd?: Uint8Array;
  readonly limit?: number;
  readonly revision?: number;
  readonly countOnly?: boolean;
}

/** The answer to a RangeRequest. */
export interface RangeResponse {
  readonly header: ResponseHeader;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
}

/** One operation of a transaction. */
export interface RequestOp {
  readonly requestRange?: RangeRequest;
  readonly requestPut?: { readonly key: Uint8Array; readonly value: Uint8Array; readonly lease?: bigint };
  readonly requestDeleteRange?: { readonly key: Uint8Array };
}

/** What one operation of a transaction came to. */
export interface ResponseOp {
  readonly responseRange?: RangeResponse | null;
  readonly responseDeleteRange?: { readonly deleted: number } | null;
}

/** A condition of a transaction: `target` 0 is the version, 2 the revision of the last change. Equal is meant. */
export interface Compare {
  readonly target: 0 | 2;
  readonly key: Uint8Array;
  readonly version?: number;
  readonly modRevision?: number;
}

/** If all comparisons hold `success` is done, else `failure`. */
export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}

/** The answer to a TxnRequest. */
export interface TxnResponse {
  readonly header: ResponseHeader;
  readonly succeeded: boolean;
  readonly responses: readonly ResponseOp[];
}

/** One message of the client on a stream of watches. */
export interface WatchRequest {
  readonly createRequest?: {
    readonly key: Uint8Array;
    readonly rangeEnd: Uint8Array;
    readonly startRevision: number;
    readonly fragment: boolean;
  };
  readonly progressRequest?: Record<string, never>;
}

/** One message of etcd on a stream of watches. */
export interface WatchResponse {
  readonly header: ResponseHeader;
  readonly watchId: number;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: number;
  readonly cancelReason: string;
  /** More of the same response follows. */
  readonly fragment: boolean;
  readonly events: readonly { readonly type: number; readonly kv: KeyValue }[];
}

/** A method of etcd's with its messages, as gRPC needs them. */
export interface Method<Request, Response> {
  readonly path: string;
  /** Doing it again changes nothing more. */
  readonly repeatable: boolean;
  readonly encode: (request: Request) => Buffer;
  readonly decode: (bytes: Buffer) => Response;
}

const message = (name: string, fields: Fields = {}): MessageType<object> => new MessageType(name, fields);
const headerType = message('ResponseHeader', { revision: [3, 'int'] });
const header: Fields = { header: [1, headerType] };

// The fields that we use, by the names and numbers of etcd's v3 API. What is left out is skipped when it is read.
const keyValue = message('KeyValue', {
  key: [1, 'bytes'],
  createRevision: [2, 'int'],
  modRevision: [3, 'int'],
  version: [4, 'int'],
  value: [5, 'bytes'],
});
const rangeRequest = message('RangeRequest', {
  key: [1, 'bytes'],
  rangeEnd: [2, 'bytes'],
  limit: [3, 'int'],
  revision: [4, 'int'],
  countOnly: [9, 'bool'],
});
const rangeResponse = message('RangeResponse', { ...header, kvs: [2, keyValue, 'repeated'], more: [3, 'bool'] });
const requestOp = message('RequestOp', {
  requestRange: [1, rangeRequest],
  requestPut: [2, message('PutRequest', { key: [1, 'bytes'], value: [2, 'bytes'], lease: [3, 'id'] })],
  requestDeleteRange: [3, message('DeleteRangeRequest', { key: [1, 'bytes'] })],
});
const responseOp = message('ResponseOp', {
  responseRange: [1, rangeResponse],
  responseDeleteRange: [3, message('DeleteRangeResponse', { deleted: [2, 'int'] })],
});
const compare = message('Compare', {
  result: [1, 'int'],
  target: [2, 'int'],
  key: [3, 'bytes'],
  version: [4, 'int'],
  modRevision: [6, 'int'],
});
const watchCreateRequest = message('WatchCreateRequest', {
  key: [1, 'bytes'],
  rangeEnd: [2, 'bytes'],
  startRevision: [3, 'int'],
  fragment: [8, 'bool'],
});

/** The methods of etcd's that we call. */
export const methods = {
  range: method<RangeRequest, RangeResponse>('KV/Range', rangeRequest, rangeResponse, true),
  txn: method<TxnRequest, TxnResponse>(
    'KV/Txn',
    message('TxnRequest', {
      compare: [1, compare, 'repeated'],
      success: [2, requestOp, 'repeated'],
      failure: [3, requestOp, 'repeated'],
    }),
    message('TxnResponse', { ...header, succeeded: [2, 'bool'], responses: [3, responseOp, 'repeated'] }),
    false,
  ),
  compact: method<{ revision: number }, { header: ResponseHeader }>(
    'KV/Compact',
    message('CompactionRequest', { revision: [1, 'int'] }),
    message('CompactionResponse', header),
    true,
  ),
  watch: method<WatchRequest, WatchResponse>(
    'Watch/Watch',
    message('WatchRequest', {
      createRequest: [1, watchCreateRequest],
      progressRequest: [3, message('WatchProgressRequest')],
    }),
    message('WatchResponse', {
      ...header,
      watchId: [2, 'int'],
      created: [3, 'bool'],
      canceled: [4, 'bool'],
      compactRevision: [5, 'int'],
      cancelReason: [6, 'string'],
      fragment: [7, 'bool'],
      events: [11, message('Event', { type: [1, 'int'], kv: [2, keyValue] }), 'repeated'],
    }),
    true,
  ),
  leaseGrant: method<{ TTL: number }, { ID: bigint; error: string }>(
    'Lease/LeaseGrant',
    message('LeaseGrantRequest', { TTL: [1, 'int'] }),
    message('LeaseGrantResponse', { ...header, ID: [2, 'id'], error: [4, 'string'] }),
    true,
  ),
  authenticate: method<{ name: string; password: string }, { token: string }>(
    'Auth/Authenticate',
    message('AuthenticateRequest', { name: [1, 'string'], password: [2, 'string'] }),
    message('AuthenticateResponse', { ...header, token: [2, 'string'] }),
    true,
  ),
  status: method<Record<string, never>, { version: string }>(
    'Maintenance/Status',
    message('StatusRequest'),
    message('StatusResponse', { ...header, version: [2, 'string'] }),
    true,
  ),
} as const;

function method<Request, Response>(
  path: string,
  request: MessageType<object>,
  response: MessageType<object>,
  repeatable: boolean,
): Method<Request, Response> {
  return {
    path: `/etcdserverpb.${path}`,
    repeatable,
    encode: (value) => request.encode(value as object),
    decode: (bytes) => response.decode(bytes) as Response,
  };
}
