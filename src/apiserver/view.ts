import {
  type JsonObject,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  newNotAcceptable,
  stringifyJson,
} from 'nekube/apimachinery';
import type { Entry } from 'nekube/storage';
import type { RequestContext } from './context.ts';
import type { Transform } from './media-type.ts';
import { encodeObject } from './respond.ts';
import { listBody } from './registry/list-body.ts';
import { decodeRecord, recordJson } from './registry/record.ts';
import type { ServedResource } from './registry/served.ts';
import { sortKeys } from './sort-keys.ts';
import type { TableForm } from './tables.ts';

/** The metadata of a list. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

const META_GROUP = 'meta.k8s.io';

/**
 * How one request sees the objects of a resource: in its version, and as the whole object, its metadata, or a Table.
 *
 * The plain JSON of an object in its hub version is the stored bytes; every other form is made from the object.
 */
export class View {
  readonly #context: Pick<RequestContext, 'accept' | 'now'>;
  readonly #resource: ServedResource;
  readonly #includeObject: string;
  /** `"kind":…,"apiVersion":…,` where stored bytes can be answered as they are. */
  readonly #typeMeta: string | undefined;
  readonly #began = performance.now();

  /** @param query read for a Table's `includeObject` */
  constructor(context: Pick<RequestContext, 'accept' | 'now' | 'query'>, resource: ServedResource) {
    this.#context = context;
    this.#resource = resource;
    const { encoding, pretty, as } = context.accept;
    const plain = encoding === 'json' && !pretty && as === undefined;
    if (plain && !resource.custom && resource.apiVersion === resource.hubApiVersion)
      this.#typeMeta = `"kind":"${resource.kind}","apiVersion":"${resource.apiVersion}",`;
    this.#includeObject = as === 'Table' ? checkIncludeObject(context.query.get('includeObject') ?? '') : '';
  }

  /** The object of an entry in the request's version. */
  object(entry: Entry, revision = entry.modRevision): KubeObject {
    const resource = this.#resource;
    const hub = decodeRecord(entry, resource.hubApiVersion, resource.kind, revision);
    if (revision === 0) delete hub.metadata.resourceVersion;
    return resource.fromHub(hub);
  }

  /** The body of an answer that is one object. @throws StatusError NotAcceptable */
  single(entry: Entry): Buffer {
    const { as } = this.#context.accept;
    if (as === 'PartialObjectMetadataList') throw notAList(this.#resource, as);
    if (this.#typeMeta !== undefined && entry.modRevision !== 0)
      return recordJson(entry, this.#typeMeta, entry.modRevision, '\n');
    const object = this.object(entry);
    return encodeObject(this.#context, this.#transform(object, entry));
  }

  /** The body of an answer that is one object of no entry, such as a Scale. @throws StatusError NotAcceptable */
  unstored(object: KubeObject): Buffer {
    const { as, asVersion } = this.#context.accept;
    if (as === 'PartialObjectMetadataList') throw notAList(this.#resource, as);
    if (as === 'PartialObjectMetadata') return encodeObject(this.#context, this.#partial(object, asVersion));
    if (as !== 'Table') return encodeObject(this.#context, object);
    return encodeObject(
      this.#context,
      this.#rows([object], { resourceVersion: object.metadata.resourceVersion ?? '' }, true),
    );
  }

  #transform(object: KubeObject, entry: Entry): JsonValue | KubeObject {
    const { as, asVersion } = this.#context.accept;
    if (as === 'PartialObjectMetadata') return this.#partial(object, asVersion);
    if (as === 'Table') return this.#table([entry], { resourceVersion: object.metadata.resourceVersion ?? '' });
    return this.#resource.custom ? sortKeys(object as unknown as JsonValue) : object;
  }

  #partial(object: KubeObject, version = 'v1'): JsonObject {
    for (const annotation of this.#resource.rules.versionedAnnotations ?? [])
      delete object.metadata.annotations?.[annotation];
    if (object.metadata.annotations && Object.keys(object.metadata.annotations).length === 0)
      delete object.metadata.annotations;
    return {
      kind: 'PartialObjectMetadata',
      apiVersion: `${META_GROUP}/${version}`,
      metadata: object.metadata as unknown as JsonObject,
    };
  }

  /** The body of an answer that is a list. @throws StatusError NotAcceptable */
  list(entries: readonly Entry[], meta: ListMeta): Buffer {
    const { as, asVersion } = this.#context.accept;
    if (as === 'PartialObjectMetadata') throw isAList(this.#resource, as);
    if (this.#typeMeta !== undefined) return this.#plainList(entries, meta);
    if (as === 'Table') return encodeObject(this.#context, this.#table(entries, meta));
    const items = entries.map((entry) => this.object(entry));
    const metadata = { ...meta } as unknown as JsonObject;
    if (as === 'PartialObjectMetadataList') {
      const partial = items.map((item) => this.#partial(item, asVersion));
      return encodeObject(this.#context, {
        kind: as,
        apiVersion: `${META_GROUP}/${asVersion}`,
        metadata,
        items: partial,
      });
    }
    const { listKind, apiVersion, custom } = this.#resource;
    if (custom)
      return encodeObject(
        this.#context,
        sortKeys({
          apiVersion,
          items: items as unknown as JsonValue,
          kind: listKind,
          metadata: { continue: '', ...metadata },
        }),
      );
    const bare = items.map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest as unknown as JsonValue);
    return encodeObject(this.#context, { kind: listKind, apiVersion, metadata, items: bare });
  }

  #plainList(entries: readonly Entry[], meta: ListMeta): Buffer {
    const { listKind, apiVersion } = this.#resource;
    const head = `{"kind":"${listKind}","apiVersion":"${apiVersion}","metadata":${stringifyJson({ ...meta } as unknown as JsonObject)},"items":[`;
    return listBody(head, entries);
  }

  #table(entries: readonly Entry[], meta: ListMeta, headers = true): JsonObject {
    const resource = this.#resource;
    const objects = entries.map((entry) => {
      const object = decodeRecord(entry, resource.hubApiVersion, resource.kind);
      return resource.settle?.(object) ?? object;
    });
    return this.#rows(objects, meta, headers);
  }

  #rows(objects: KubeObject[], meta: ListMeta, headers: boolean): JsonObject {
    const form = this.#resource.table();
    const { columns, order } = form;
    const { asVersion = 'v1' } = this.#context.accept;
    if (order !== undefined) objects.sort(order);
    const rows = objects.map((object) => this.#row(object, form));
    return {
      kind: 'Table',
      apiVersion: `${META_GROUP}/${asVersion}`,
      metadata: { ...meta } as unknown as JsonObject,
      columnDefinitions: headers ? (columns as unknown as JsonValue) : null,
      rows,
    };
  }

  /** A watch shows objects that are younger than its request. */
  #now(): Date {
    return new Date(this.#context.now.getTime() + performance.now() - this.#began);
  }

  #row(hub: KubeObject, { cells, conditions }: TableForm): JsonObject {
    const row: JsonObject = { cells: cells(hub, this.#now()) };
    const found = conditions?.(hub) ?? [];
    if (found.length > 0) row.conditions = found;
    if (this.#includeObject === 'None') row.object = null;
    else if (this.#includeObject === 'Object')
      row.object = this.#resource.fromHub(this.#internal(hub)) as unknown as JsonObject;
    else row.object = this.#partial(this.#internal(hub), this.#context.accept.asVersion);
    return row;
  }

  /** Without the annotations that are fields in the internal version. */
  #internal(hub: KubeObject): KubeObject {
    const hidden = this.#resource.rules.internalAnnotations;
    const shown = Object.entries(hub.metadata.annotations ?? {}).filter(([name]) => !hidden?.includes(name));
    if (hidden === undefined) return hub;
    const { annotations: _, ...metadata } = hub.metadata;
    return {
      ...hub,
      metadata: shown.length > 0 ? { ...hub.metadata, annotations: Object.fromEntries(shown) } : metadata,
    };
  }

  /** The bytes of one watch event; `headers` says whether a Table names its columns. */
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: Entry, revision: number, headers: boolean): Buffer {
    if (this.#typeMeta !== undefined)
      return Buffer.concat([
        Buffer.from(`{"type":"${type}","object":`),
        recordJson(entry, this.#typeMeta, revision),
        EVENT_END,
      ]);
    const object = this.object(entry, revision);
    const { as } = this.#context.accept;
    if (as === 'Table') {
      const shown = { ...entry, modRevision: revision };
      return this.frame(type, this.#table([shown], { resourceVersion: String(revision) }, headers));
    }
    return this.frame(type, this.#transform(object, entry) as JsonValue);
  }

  /** The bytes of an event with any object. */
  frame(type: string, object: JsonValue): Buffer {
    if (this.#context.accept.encoding === 'protobuf') return protobufFrame(type, encodeObject(this.#context, object));
    return Buffer.from(`${stringifyJson({ type, object })}\n`);
  }

  /** The bytes of a bookmark at a revision; `initial` marks the end of the initial events (KEP-3157). */
  bookmark(revision: number, initial: boolean): Buffer {
    const resource = this.#resource;
    const annotations = initial ? { 'k8s.io/initial-events-end': 'true' } : undefined;
    const hub = resource.normalizeHub({
      kind: resource.kind,
      apiVersion: resource.hubApiVersion,
      metadata: { resourceVersion: String(revision), ...(annotations && { annotations }) },
    });
    const object = resource.fromHub(hub);
    const { as, asVersion } = this.#context.accept;
    if (as === 'PartialObjectMetadata') return this.frame('BOOKMARK', this.#partial(object, asVersion));
    if (as === 'Table')
      return this.frame('BOOKMARK', { ...this.#table([], { resourceVersion: String(revision) }, false) });
    return this.frame('BOOKMARK', object as unknown as JsonValue);
  }
}

const EVENT_END = Buffer.from('}\n');

/**
 * A watch event of a protobuf stream: four bytes of length, then a WatchEvent message. It stands in no envelope (the
 * stream's content type says what it is); the object within has its own.
 */
function protobufFrame(type: string, object: Buffer): Buffer {
  const event = Buffer.concat([field(1, Buffer.from(type)), field(2, field(1, object))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}

function field(number: number, bytes: Buffer): Buffer {
  const head: number[] = [(number << 3) | 2];
  let n = bytes.length;
  while (n > 0x7f) {
    head.push((n & 0x7f) | 0x80);
    n >>>= 7;
  }
  head.push(n);
  return Buffer.concat([Buffer.from(head), bytes]);
}

function checkIncludeObject(value: string): string {
  if (['', 'None', 'Object', 'Metadata'].includes(value)) return value;
  throw newBadRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: "${value}": must be 'Metadata', 'Object', 'None', or empty`,
  );
}

function goTypeOf(resource: ServedResource, list: boolean): string {
  return `*${resource.goType}${list ? 'List' : ''}`;
}

function isAList(resource: ServedResource, as: Transform): Error {
  return newNotAcceptable(`you requested ${as}, but the requested object is a list (${goTypeOf(resource, true)})`);
}

function notAList(resource: ServedResource, as: Transform): Error {
  return newNotAcceptable(`you requested ${as}, but the requested object is not a list (${goTypeOf(resource, false)})`);
}
