import { type JsonValue, newFailure, newNotAcceptable, newResourceExpired } from 'nekube/apimachinery';
import type { Writable } from 'node:stream';
import { CompactedError, type Entry, type Storage, type StorageEvent, type Watch } from 'nekube/storage';
import type { RequestContext } from '../context.ts';
import { type ListOptions, parseListOptions } from '../options.ts';
import { breakOff, writeHead } from '../respond.ts';
import { compileSelection, type Selection } from '../registry/selection.ts';
import { keyOf, listPrefix, type ServedResource } from '../registry/served.ts';
import { View } from '../view.ts';
import { parseRevision, waitForRevision } from './read.ts';

/** A watch without a timeout of its own ends after this many seconds, or up to twice as many. */
const MIN_TIMEOUT_SECONDS = 1800;
const BOOKMARK_EVERY_MS = 60_000;
/** What events can be framed in. */
const STREAM_MEDIA_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
/** A client that lets this much lie unread is cut off, as it would hold the memory for good. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/**
 * Serves a watch until it times out, the client goes away, or the server closes.
 *
 * @throws StatusError before the stream begins, for options that do not hold
 */
export async function handleWatch(context: RequestContext, resource: ServedResource, storage: Storage): Promise<void> {
  const options = parseListOptions(context.query, true);
  if (context.accept.encoding === 'yaml')
    throw newNotAcceptable(`only the following media types are accepted: ${STREAM_MEDIA_TYPES.join(', ')}`);
  const selection = compileSelection(resource, options.labelSelector, options.fieldSelector);
  const asked = parseRevision(options.resourceVersion);
  if (asked instanceof Error) throw newFailure(500, '', asked.message);
  const view = new View(context, resource);
  if (options.sendInitialEvents) await waitForRevision(storage, asked);
  await new WatchStream(context, resource, storage, view, selection, options).run(asked);
}

/** Frames that many watchers of one kind share: made once an event and turn of the loop, then forgotten. */
const shared = new Map<StorageEvent, Map<string, Buffer>>();

function sharedFrame(event: StorageEvent, form: string, make: () => Buffer): Buffer {
  if (shared.size === 0) setImmediate(() => shared.clear());
  let forms = shared.get(event);
  if (forms === undefined) shared.set(event, (forms = new Map()));
  let frame = forms.get(form);
  if (frame === undefined) forms.set(form, (frame = make()));
  return frame;
}

/** One client's watch. */
class WatchStream {
  readonly #context: RequestContext;
  readonly #resource: ServedResource;
  readonly #storage: Storage;
  readonly #view: View;
  readonly #selection: Selection;
  readonly #options: ListOptions;
  readonly #form: string;
  #revision = 0;
  /** How many events may still be sent. */
  #left: number;
  #headersSent = false;
  #watch: Watch | undefined;
  #done = false;

  constructor(
    context: RequestContext,
    resource: ServedResource,
    storage: Storage,
    view: View,
    selection: Selection,
    options: ListOptions,
  ) {
    this.#context = context;
    this.#resource = resource;
    this.#storage = storage;
    this.#view = view;
    this.#selection = selection;
    this.#options = options;
    this.#left = context.breakAfterEvents ?? Number.POSITIVE_INFINITY;
    const { encoding, as = '', asVersion = '' } = context.accept;
    this.#form = `${resource.apiVersion} ${encoding} ${as} ${asVersion} ${context.query.get('includeObject') ?? ''}`;
  }

  async run(asked: number): Promise<void> {
    const { response, life } = this.#context;
    const { signal } = life;
    const { mediaType, encoding } = this.#context.accept;
    writeHead(this.#context, 200, { 'content-type': encoding === 'json' ? mediaType : `${mediaType};stream=watch` });
    if ('flushHeaders' in response) response.flushHeaders();
    const prefix = this.#prefix();
    const initial = this.#options.sendInitialEvents ?? asked === 0;
    const ends = performance.now() + this.#timeoutMs();
    const after = initial ? await this.#sendInitial(prefix, ends) : asked || this.#storage.revision;
    this.#revision = after;
    this.#context.initialized?.();
    await new Promise<void>((resolve) => {
      const end = () => {
        if (this.#done) return;
        this.#done = true;
        this.#watch?.close();
        clearTimeout(timeout);
        clearInterval(bookmarks);
        // the signal is the server's and outlives the watch
        signal.removeEventListener('abort', end);
        if (!response.destroyed) response.end();
        resolve();
      };
      const timeout = setTimeout(end, ends - performance.now());
      const bookmarks = setInterval(() => this.#bookmark(false), BOOKMARK_EVERY_MS);
      response.on('close', end);
      signal.addEventListener('abort', end, { once: true });
      this.#watch = this.#storage.watch({
        prefix,
        after,
        onEvents: (events) => {
          this.#send(events);
          if (response.writableLength <= MAX_UNREAD_BYTES) return;
          // ended properly it would keep what is unread until that is read
          breakOff(response);
          end();
        },
        onError: (error) => {
          this.#sendError(error, after);
          end();
        },
      });
      if (signal.aborted || response.destroyed) end();
    });
  }

  /** A watch of one object watches its key; keys are no prefixes of one another's namespace, but names may be. */
  #prefix(): string {
    const namespace =
      this.#context.info.namespace || (this.#options.fieldSelector.exactMatch('metadata.namespace') ?? '');
    const name = this.#name();
    if (name !== '' && (namespace !== '' || !this.#resource.namespaced)) return keyOf(this.#resource, namespace, name);
    return listPrefix(this.#resource, namespace);
  }

  #name(): string {
    return this.#context.info.name || (this.#options.fieldSelector.exactMatch('metadata.name') ?? '');
  }

  /** As fast as the client takes them, until a moment: what all clients are yet to read would fill the memory. */
  async #sendInitial(prefix: string, ends: number): Promise<number> {
    const { entries, revision } = await this.#storage.range(prefix);
    for (const entry of entries) {
      if (!this.#matches(entry)) continue;
      if (!this.#write('ADDED', entry, entry.modRevision)) await this.#drained(ends);
      if (this.#isOver(ends)) return revision;
    }
    if (this.#options.sendInitialEvents && this.#options.allowWatchBookmarks) {
      this.#revision = revision;
      this.#bookmark(true);
    }
    return revision;
  }

  /** Resolves when the client has taken what was written, or the watch is over. */
  #drained(ends: number): Promise<void> {
    if (this.#isOver(ends)) return Promise.resolve();
    const response = this.#context.response as Writable;
    const { signal } = this.#context.life;
    return new Promise((resolve) => {
      const goOn = (): void => {
        clearTimeout(timeout);
        response.off('drain', goOn).off('close', goOn);
        signal.removeEventListener('abort', goOn);
        resolve();
      };
      const timeout = setTimeout(goOn, ends - performance.now());
      response.on('drain', goOn).on('close', goOn);
      signal.addEventListener('abort', goOn, { once: true });
    });
  }

  #isOver(ends: number): boolean {
    const { response, life } = this.#context;
    return response.destroyed || life.signal.aborted || performance.now() >= ends;
  }

  #timeoutMs(): number {
    const seconds = this.#options.timeoutSeconds || MIN_TIMEOUT_SECONDS * (1 + Math.random());
    return Math.min(seconds * 1000, 2 ** 31 - 1);
  }

  #matches(entry: Entry): boolean {
    const name = this.#name();
    if (name !== '' && !entry.key.endsWith(`/${name}`)) return false;
    return this.#selection.all || this.#selection.matches(entry);
  }

  #send(events: readonly StorageEvent[]): void {
    const frames: Buffer[] = [];
    for (const event of events) {
      const frame = this.#frameOf(event);
      if (frame !== undefined) frames.push(frame);
    }
    if (frames.length > 0 && !this.#done) this.#pushEvents(frames);
  }

  /**
   * Sends events, where the watch is to be broken off so many of them as are left to it.
   *
   * @returns whether the client takes more at once
   */
  #pushEvents(frames: readonly Buffer[]): boolean {
    if (this.#left <= 0) return true;
    const sent = frames.slice(0, this.#left);
    this.#left -= sent.length;
    const bytes = sent.length === 1 ? sent[0]! : Buffer.concat(sent);
    if (this.#left > 0) return this.#push(bytes);
    (this.#context.response as Writable).write(bytes, () => breakOff(this.#context.response));
    return true;
  }

  /** What the event is to this watcher: an object may enter or leave its selection. */
  #frameOf(event: StorageEvent): Buffer | undefined {
    const is = event.entry !== undefined && this.#matches(event.entry);
    const was = event.previous !== undefined && this.#matches(event.previous);
    if (!is && !was) return undefined;
    const type = is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED';
    const entry = is ? event.entry! : event.previous!;
    const headers = !this.#headersSent;
    this.#headersSent = true;
    return sharedFrame(event, `${this.#form} ${type} ${headers}`, () =>
      this.#view.event(type, entry, event.revision, headers),
    );
  }

  #write(type: 'ADDED', entry: Entry, revision: number): boolean {
    const takesMore = this.#pushEvents([this.#view.event(type, entry, revision, !this.#headersSent)]);
    this.#headersSent = true;
    return takesMore;
  }

  /** A bookmark promises that all before its revision was sent. */
  #bookmark(initial: boolean): void {
    if (!this.#options.allowWatchBookmarks || this.#done || this.#left <= 0) return;
    this.#push(this.#view.bookmark(this.#watch?.revision ?? this.#revision, initial));
  }

  #push(frame: Buffer): boolean {
    return (this.#context.response as Writable).write(frame);
  }

  #sendError(error: Error, after: number): void {
    if (this.#done || this.#context.response.destroyed || !(error instanceof CompactedError)) return;
    const { status } = newResourceExpired(
      `too old resource version: ${after} (${this.#storage.compactedRevision + 1})`,
    );
    this.#push(this.#view.frame('ERROR', status as unknown as JsonValue));
  }
}
