import { isDeepStrictEqual } from 'node:util';
import { formatTime, isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, compareResourceVersions, type ObjectStore } from 'nekube/client';
import type { EventRecorder } from 'nekube/controller';
import { mergeStatus } from './merge-status.ts';
import { newTroubles } from './troubles.ts';
import type { StatusPart, WantedStatuses } from './wanted-statuses.ts';

/** What a writer works with. */
export interface StatusWriterParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly controllerName: string;
  readonly wanted: WantedStatuses;
  /** Of the kinds that the cluster has. */
  readonly stores: ReadonlyMap<string, ObjectStore<KubeObject>>;
  /** Is told of each status that was written. */
  readonly onWritten?: (part: StatusPart) => void;
}

interface WithStatus extends KubeObject {
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Writes the status of one object at a time, if it is not what it shall be, and tells as events what is wrong. */
export class StatusWriter {
  readonly #parts: StatusWriterParts;
  /** What a write made of an object, by name: the watch may not have brought it yet. */
  readonly #written = new Map<string, WithStatus>();

  constructor(parts: StatusWriterParts) {
    this.#parts = parts;
  }

  /**
   * @param name `PART/KEY`
   * @throws StatusError Conflict: the object that is known is not the newest, which comes by the watch
   */
  async write(name: string, signal: AbortSignal): Promise<void> {
    const { wanted, stores, clock, client, controllerName, events } = this.#parts;
    const [part = '', ...key] = name.split('/');
    const object = this.#newest(name, stores.get(part)?.get(objectKey(key)) as WithStatus | undefined);
    if (object === undefined || !wanted.areKnown) return;
    const now = formatTime(new Date(clock.now()));
    const status = mergeStatus(object.status, wanted.of(part as StatusPart, key.join('/')), { controllerName, now });
    if (status === undefined) return;
    const { apiVersion = '', kind = '', metadata } = object;
    const merge = { metadata: { resourceVersion: metadata.resourceVersion }, status: changesOf(object.status, status) };
    try {
      const options = { subresource: 'status', signal };
      const written = await client.patch({ apiVersion, kind }, objectKey(key), { merge } as never, options);
      this.#written.set(name, written);
      this.#parts.onWritten?.(part as StatusPart);
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return;
      throw error;
    }
    for (const { reason, note } of newTroubles(object.status, status, controllerName)) {
      events.record(object, { type: 'Warning', reason, action: 'Translate', note });
    }
  }

  /** The object as the watch brought it, or as it was written since. */
  #newest(name: string, seen: WithStatus | undefined): WithStatus | undefined {
    const written = this.#written.get(name);
    if (written === undefined) return seen;
    if (seen === undefined) {
      this.#written.delete(name);
      return undefined;
    }
    const [old, own] = [seen, written].map(({ metadata }) => metadata.resourceVersion ?? '');
    const isOlder = (compareResourceVersions(old!, own!) ?? 0) < 0;
    if (isOlder && seen.metadata.uid === written.metadata.uid) return written;
    this.#written.delete(name);
    return seen;
  }
}

function objectKey(parts: readonly string[]): { readonly namespace?: string; readonly name: string } {
  const [first = '', second] = parts;
  return second === undefined ? { name: first } : { namespace: first, name: second };
}

/** As a merge patch: what is not as before, and null for what goes. */
function changesOf(before: WithStatus['status'], after: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after)]);
  const changed = [...fields].filter((field) => !isDeepStrictEqual(before?.[field], after[field]));
  return Object.fromEntries(changed.map((field) => [field, after[field] ?? null]));
}
