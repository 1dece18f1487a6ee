import type { Frontend } from '../model/config.ts';
import { type Capacities, ServiceMaps } from './service-maps.ts';
import { type EntryWrite, type ServiceContents, textOf, type Writes } from './writes.ts';

/** What the maps of Services would hold, where there are none: writes are kept in memory. */
export class HeldServices {
  readonly #entries = new Map<string, EntryWrite>();
  #table = new Uint32Array();

  apply({ added, tables, services, removed }: Writes): void {
    for (const { offset, values } of tables) this.#write(offset, values);
    for (const entry of [...added, ...services, ...removed]) {
      const name = `${entry.map} ${textOf(entry.key)}`;
      if (entry.value === undefined) this.#entries.delete(name);
      else this.#entries.set(name, entry);
    }
  }

  get contents(): ServiceContents {
    return { entries: [...this.#entries.values()], table: this.#table.slice() };
  }

  #write(offset: number, values: Uint32Array): void {
    if (offset + values.length > this.#table.length) {
      const larger = new Uint32Array(2 * (offset + values.length));
      larger.set(this.#table);
      this.#table = larger;
    }
    this.#table.set(values, offset);
  }
}

/**
 * What the maps of Services would hold for frontends, of which those of one name are one Service's port.
 *
 * @throws RangeError one of them cannot be served
 */
export function heldFor(frontends: readonly Frontend[]): HeldServices {
  const held = new HeldServices();
  held.apply(writesFor(frontends));
  return held;
}

/**
 * The writes by which empty maps come to hold these frontends, and nothing else.
 *
 * @throws RangeError one of them cannot be served
 */
export function writesFor(frontends: readonly Frontend[], capacities?: Capacities): Writes {
  const services = new ServiceMaps(capacities && { capacities });
  for (const name of new Set(frontends.map((frontend) => frontend.name))) {
    const ofName = frontends.filter((frontend) => frontend.name === name);
    const [problem] = services.set(name, ofName);
    if (problem !== undefined) throw new RangeError(problem);
  }
  return services.takeWrites();
}
