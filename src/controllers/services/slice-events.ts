import type { ObjectKey } from 'nekube/client';
import type { EventHandler, ObjectEvent, RequestQueue } from 'nekube/controller';
import { type EndpointSlice, isManagedBy, serviceOf } from './endpoint-slice.ts';
import type { SliceTracker } from './slice-tracker.ts';

/** Requests the Service of a slice that somebody else changed. */
export class SliceEvents implements EventHandler<EndpointSlice> {
  readonly #manager: string;
  readonly #tracker: SliceTracker;
  readonly #afterMs: number;

  /** @param parts `manager` is who keeps the slices; `afterMs` is waited, for many changes come together */
  constructor(parts: { readonly manager: string; readonly tracker: SliceTracker; readonly afterMs: number }) {
    this.#manager = parts.manager;
    this.#tracker = parts.tracker;
    this.#afterMs = parts.afterMs;
  }

  handle(event: ObjectEvent<EndpointSlice>, queue: RequestQueue<ObjectKey>): void {
    for (const slice of this.#toLookAt(event)) {
      const service = serviceOf(slice);
      if (service !== undefined) queue.add(service, { afterMs: this.#afterMs });
    }
  }

  #toLookAt(event: ObjectEvent<EndpointSlice>): readonly EndpointSlice[] {
    const { object: slice } = event;
    const isMine = isManagedBy(slice, this.#manager);
    if (event.type === 'deleted')
      return isMine && this.#tracker.has(slice) && !this.#tracker.gone(slice) ? [slice] : [];
    if (event.type === 'updated') {
      const { old } = event;
      if (serviceOf(old)?.name !== serviceOf(slice)?.name) return [slice, old];
      if (isManagedBy(old, this.#manager) !== isMine) return [slice];
    }
    return isMine && this.#tracker.isForeign(slice) ? [slice] : [];
  }
}
