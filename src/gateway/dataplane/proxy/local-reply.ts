import { encodeStatusMessage } from 'nekube/grpc';
import { HeaderList } from '../http/header-list.ts';
import type { ResponseMessage } from '../http/message.ts';

/** An answer that is no backend's. */
export interface LocalReply {
  readonly status: number;
  readonly body?: string;
  /** Name, value, name, value… */
  readonly headers?: readonly string[];
  /** Of gRPC, where it is not the one of the status. */
  readonly grpcStatus?: number;
}

/** The status of gRPC for one of HTTP, as gRPC's mapping has it. */
const GRPC_STATUS: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 14],
  [502, 14],
  [503, 14],
  [504, 14],
]);
const UNKNOWN = 2;

/** The message of a reply, and its body; requests of gRPC are answered by trailers alone. */
export function localReply(
  reply: LocalReply,
  grpc: boolean,
): { readonly message: ResponseMessage; readonly body: Buffer } {
  const headers = new HeaderList([...(reply.headers ?? [])]);
  if (grpc) {
    headers.set('content-type', 'application/grpc');
    headers.set('grpc-status', String(reply.grpcStatus ?? GRPC_STATUS.get(reply.status) ?? UNKNOWN));
    if (reply.body) headers.set('grpc-message', encodeStatusMessage(reply.body));
    return { message: { status: 200, headers }, body: Buffer.alloc(0) };
  }
  const body = Buffer.from(reply.body ?? '');
  if (body.length > 0 && !headers.has('content-type')) headers.set('content-type', 'text/plain');
  if (body.length > 0) headers.set('content-length', String(body.length));
  return { message: { status: reply.status, headers }, body };
}
