import type { JsonObject } from 'nekube/apimachinery';
import type { Logger } from '../log/logger.ts';

/** A request to a webhook, read. */
export interface WebhookCall {
  readonly contentType: string;
  /** Cut off where it is longer than {@link MAX_REQUEST_BYTES}: then one byte longer than that. */
  readonly body: Uint8Array;
  /** Aborted when the caller has gone or its time is over. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** What is sent back. Without a body the status is all. */
export interface WebhookReply {
  readonly status: number;
  readonly body?: JsonObject;
  /** True: the handler failed in a way it should not have. */
  readonly panicked?: boolean;
}

/** What stands at a path of a webhook server. Never rejects. */
export interface WebhookEndpoint {
  readonly kind: 'admission' | 'conversion' | 'authentication';
  /** The longest body that is read, in bytes. */
  readonly maxBytes: number;
  answer(call: WebhookCall): Promise<WebhookReply>;
}

/** Two objects of 3 MiB, which is what a server takes in a write, and a mebibyte for the rest. */
export const MAX_REQUEST_BYTES = 7 * 1024 * 1024;
