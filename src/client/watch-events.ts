import { errorText, isJsonObject, type KubeObject, parseJson, type Status, StatusError } from 'nekube/apimachinery';
import type { WatchEvent } from './client.ts';
import { linesOf, TruncatedLineError } from './lines.ts';

/**
 * The events in the body of a watch.
 *
 * @throws StatusError for an event of type ERROR, and for what is no event
 * @throws TruncatedLineError if the stream ends in the middle of an event
 */
export async function* watchEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  try {
    for await (const line of linesOf(body)) yield eventOf(line);
  } catch (e) {
    // a server that ends with its last event and no line break has said all of it
    if (!(e instanceof TruncatedLineError) || !isWhole(e.line)) throw e;
    yield eventOf(e.line);
  }
}

function isWhole(line: Uint8Array): boolean {
  try {
    return isJsonObject(parseJson(line));
  } catch {
    return false;
  }
}

const TYPES = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

function eventOf(line: Uint8Array): WatchEvent {
  let event: unknown;
  try {
    event = parseJson(line);
  } catch (cause) {
    throw noEvent(`unable to decode an event from the watch stream: ${errorText(cause)}`, cause);
  }
  if (!isJsonObject(event) || !isJsonObject(event.object))
    throw noEvent('unable to decode an event from the watch stream: it has no object');
  if (event.type === 'ERROR') throw errorIn(event.object as unknown as Status);
  if (!TYPES.has(event.type as string))
    throw noEvent(`unable to decode an event from the watch stream: got invalid watch event type: ${event.type}`);
  return { type: event.type as WatchEvent['type'], object: event.object as KubeObject };
}

function errorIn(status: Status): StatusError {
  if (status.kind === 'Status') return new StatusError(status);
  return noEvent('an event of type ERROR is no Status');
}

/** As client-go reports it. */
function noEvent(text: string, cause?: unknown): StatusError {
  const message = `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
  const causes = [
    { reason: 'UnexpectedServerResponse', message: text },
    { reason: 'ClientWatchDecoding', message: text },
  ];
  return new StatusError(
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'InternalError',
      details: { causes },
      code: 500,
    },
    cause === undefined ? undefined : { cause },
  );
}
