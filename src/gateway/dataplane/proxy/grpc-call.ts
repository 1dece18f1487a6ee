import { framed, MessageFrames } from 'nekube/grpc';
import { HeaderList } from '../http/header-list.ts';
import type { RequestMessage } from '../http/message.ts';
import { type Asked, ask } from './ask.ts';
import type { Cluster } from '../upstream/cluster.ts';

/** The head of a call of gRPC that we make for ourselves. */
export function grpcHead(authority: string, path: string): RequestMessage {
  const headers = new HeaderList(['content-type', 'application/grpc', 'te', 'trailers']);
  return { method: 'POST', authority, path, headers };
}

/**
 * Makes a call of one message that is answered by one. Calls back once: with the message, or with undefined if there was none
 * in time or the call failed.
 *
 * @returns what ends it; nothing is called back then
 */
export function callGrpc(
  cluster: Cluster,
  head: RequestMessage,
  message: Uint8Array,
  timeoutMs: number,
  answered: (message: Buffer | undefined) => void,
): () => void {
  return ask(cluster, head, framed(message), timeoutMs, (asked) => answered(messageIn(asked)));
}

/** A call that says at its end that it failed has answered nothing, whatever it said before. */
function messageIn(asked: Asked | undefined): Buffer | undefined {
  const isGood = asked?.status === 200 && asked.trailers?.first('grpc-status') === '0';
  return isGood ? firstMessage(asked.body) : undefined;
}

/** The first message of a body; undefined: it has none. */
export function firstMessage(body: Buffer): Buffer | undefined {
  try {
    return new MessageFrames().take(body)[0];
  } catch {
    return undefined;
  }
}
