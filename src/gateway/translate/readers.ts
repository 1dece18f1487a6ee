import type { Dependency } from './cluster.ts';

/** Who looked at what. Most things are looked at by one alone, for whom no set is made. */
export class Readers {
  readonly #readers = new Map<Dependency, string | Set<string>>();

  /** Who looked at something. */
  of(dependency: Dependency): Iterable<string> {
    const readers = this.#readers.get(dependency);
    if (readers === undefined) return [];
    return typeof readers === 'string' ? [readers] : readers;
  }

  /** A reader looks at other things now. */
  replace(reader: string, before: ReadonlySet<Dependency> | undefined, now: ReadonlySet<Dependency>): void {
    for (const dependency of before ?? []) if (!now.has(dependency)) this.#remove(reader, dependency);
    for (const dependency of now) if (before?.has(dependency) !== true) this.#add(reader, dependency);
  }

  #add(reader: string, dependency: Dependency): void {
    const readers = this.#readers.get(dependency);
    if (readers === undefined) this.#readers.set(dependency, reader);
    else if (typeof readers !== 'string') readers.add(reader);
    else if (readers !== reader) this.#readers.set(dependency, new Set([readers, reader]));
  }

  #remove(reader: string, dependency: Dependency): void {
    const readers = this.#readers.get(dependency);
    if (readers === reader) this.#readers.delete(dependency);
    if (!(readers instanceof Set)) return;
    readers.delete(reader);
    if (readers.size === 0) this.#readers.delete(dependency);
  }
}
