import type { Readable } from 'node:stream';

/** A request as it goes on a connection. */
export interface ConnectionRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal | null;
}

/** Its answer, as soon as the head is there. */
export interface ConnectionResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readable;
}

/** Connections to one server, made as they are needed. */
export interface Connections {
  request(request: ConnectionRequest): Promise<ConnectionResponse>;
  /** Takes no more requests, and ends with the last one. */
  close(): Promise<void>;
  /** Ends now; what is on its way fails with the reason. */
  destroy(reason: Error): Promise<void>;
}
