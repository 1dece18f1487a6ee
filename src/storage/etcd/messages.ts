import protobuf from 'protobufjs/light.js';

/** A 64-bit number as it is decoded: revisions fit into a JavaScript number, see `int`. */
export type Int64 = number | { toNumber(): number };

/** What every answer of etcd begins with. */
export interface ResponseHeader {
  readonly revision: Int64;
}

/** A version of a key. */
export interface KeyValue {
  readonly key: Uint8Array;
  readonly createRevision: Int64;
  readonly modRevision: Int64;
  readonly version: Int64;
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
  readonly requestPut?: { readonly key: Uint8Array; readonly value: Uint8Array; readonly lease?: Int64 };
  readonly requestDeleteRange?: { readonly key: Uint8Array };
}

/** What one operation of a transaction came to. */
export interface ResponseOp {
  readonly responseRange?: RangeResponse | null;
  readonly responseDeleteRange?: { readonly deleted: Int64 } | null;
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
  readonly watchId: Int64;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: Int64;
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

const header = { header: { type: 'ResponseHeader', id: 1 } };

/** The fields that we use, by the names and numbers of etcd's v3 API. What is left out is skipped when it is read. */
const root = protobuf.Root.fromJSON({
  nested: {
    ResponseHeader: { fields: { revision: { type: 'int64', id: 3 } } },
    KeyValue: {
      fields: {
        key: { type: 'bytes', id: 1 },
        createRevision: { type: 'int64', id: 2 },
        modRevision: { type: 'int64', id: 3 },
        version: { type: 'int64', id: 4 },
        value: { type: 'bytes', id: 5 },
      },
    },
    RangeRequest: {
      fields: {
        key: { type: 'bytes', id: 1 },
        rangeEnd: { type: 'bytes', id: 2 },
        limit: { type: 'int64', id: 3 },
        revision: { type: 'int64', id: 4 },
        countOnly: { type: 'bool', id: 9 },
      },
    },
    RangeResponse: {
      fields: { ...header, kvs: { rule: 'repeated', type: 'KeyValue', id: 2 }, more: { type: 'bool', id: 3 } },
    },
    PutRequest: {
      fields: { key: { type: 'bytes', id: 1 }, value: { type: 'bytes', id: 2 }, lease: { type: 'int64', id: 3 } },
    },
    DeleteRangeRequest: { fields: { key: { type: 'bytes', id: 1 } } },
    DeleteRangeResponse: { fields: { deleted: { type: 'int64', id: 2 } } },
    RequestOp: {
      fields: {
        requestRange: { type: 'RangeRequest', id: 1 },
        requestPut: { type: 'PutRequest', id: 2 },
        requestDeleteRange: { type: 'DeleteRangeRequest', id: 3 },
      },
    },
    ResponseOp: {
      fields: {
        responseRange: { type: 'RangeResponse', id: 1 },
        responseDeleteRange: { type: 'DeleteRangeResponse', id: 3 },
      },
    },
    Compare: {
      fields: {
        result: { type: 'int32', id: 1 },
        target: { type: 'int32', id: 2 },
        key: { type: 'bytes', id: 3 },
        version: { type: 'int64', id: 4 },
        modRevision: { type: 'int64', id: 6 },
      },
    },
    TxnRequest: {
      fields: {
        compare: { rule: 'repeated', type: 'Compare', id: 1 },
        success: { rule: 'repeated', type: 'RequestOp', id: 2 },
        failure: { rule: 'repeated', type: 'RequestOp', id: 3 },
      },
    },
    TxnResponse: {
      fields: {
        ...header,
        succeeded: { type: 'bool', id: 2 },
        responses: { rule: 'repeated', type: 'ResponseOp', id: 3 },
      },
    },
    CompactionRequest: { fields: { revision: { type: 'int64', id: 1 } } },
    CompactionResponse: { fields: header },
    WatchCreateRequest: {
      fields: {
        key: { type: 'bytes', id: 1 },
        rangeEnd: { type: 'bytes', id: 2 },
        startRevision: { type: 'int64', id: 3 },
        fragment: { type: 'bool', id: 8 },
      },
    },
    WatchProgressRequest: { fields: {} },
    WatchRequest: {
      fields: {
        createRequest: { type: 'WatchCreateRequest', id: 1 },
        progressRequest: { type: 'WatchProgressRequest', id: 3 },
      },
    },
    Event: { fields: { type: { type: 'int32', id: 1 }, kv: { type: 'KeyValue', id: 2 } } },
    WatchResponse: {
      fields: {
        ...header,
        watchId: { type: 'int64', id: 2 },
        created: { type: 'bool', id: 3 },
        canceled: { type: 'bool', id: 4 },
        compactRevision: { type: 'int64', id: 5 },
        cancelReason: { type: 'string', id: 6 },
        fragment: { type: 'bool', id: 7 },
        events: { rule: 'repeated', type: 'Event', id: 11 },
      },
    },
    LeaseGrantRequest: { fields: { TTL: { type: 'int64', id: 1 } } },
    LeaseGrantResponse: { fields: { ...header, ID: { type: 'int64', id: 2 }, error: { type: 'string', id: 4 } } },
    AuthenticateRequest: { fields: { name: { type: 'string', id: 1 }, password: { type: 'string', id: 2 } } },
    AuthenticateResponse: { fields: { ...header, token: { type: 'string', id: 2 } } },
    StatusRequest: { fields: {} },
    StatusResponse: { fields: { ...header, version: { type: 'string', id: 2 } } },
  },
});

/** The methods of etcd's that we call. */
export const methods = {
  range: method<RangeRequest, RangeResponse>('KV/Range', 'RangeRequest', 'RangeResponse', true),
  txn: method<TxnRequest, TxnResponse>('KV/Txn', 'TxnRequest', 'TxnResponse', false),
  compact: method<{ revision: number }, { header: ResponseHeader }>(
    'KV/Compact',
    'CompactionRequest',
    'CompactionResponse',
    true,
  ),
  watch: method<WatchRequest, WatchResponse>('Watch/Watch', 'WatchRequest', 'WatchResponse', true),
  leaseGrant: method<{ TTL: number }, { ID: Int64; error: string }>(
    'Lease/LeaseGrant',
    'LeaseGrantRequest',
    'LeaseGrantResponse',
    true,
  ),
  authenticate: method<{ name: string; password: string }, { token: string }>(
    'Auth/Authenticate',
    'AuthenticateRequest',
    'AuthenticateResponse',
    true,
  ),
  status: method<Record<string, never>, { version: string }>(
    'Maintenance/Status',
    'StatusRequest',
    'StatusResponse',
    true,
  ),
} as const;

/** A decoded number; those of etcd's that we calculate with are revisions and counts, far below 2^53. */
export function int(value: Int64): number {
  return typeof value === 'number' ? value : value.toNumber();
}

function method<Request, Response>(
  path: string,
  request: string,
  response: string,
  repeatable: boolean,
): Method<Request, Response> {
  const requestType = root.lookupType(request);
  const responseType = root.lookupType(response);
  return {
    path: `/etcdserverpb.${path}`,
    repeatable,
    encode: (message) => Buffer.from(requestType.encode(message as Record<string, unknown>).finish()),
    decode: (bytes) => responseType.decode(bytes) as unknown as Response,
  };
}
