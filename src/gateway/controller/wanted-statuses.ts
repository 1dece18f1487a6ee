import { LayeredMap } from '../model/layered-map.ts';
import type { Statuses } from '../statuses/index.ts';

/** A kind that has statuses of ours. */
export type StatusPart = keyof Statuses;

const NONE: ReadonlyMap<string, unknown> = new Map();

/** The statuses that objects shall have, as the last translation says. */
export class WantedStatuses {
  #statuses: Statuses | undefined;

  /** Takes over new ones; gives those that differ from the ones before, as `PART/KEY`, also where there is none any longer. */
  update(statuses: Statuses): string[] {
    const before = this.#statuses;
    this.#statuses = statuses;
    return (Object.keys(statuses) as StatusPart[]).flatMap((part) =>
      [...LayeredMap.differing<unknown>(before?.[part] ?? NONE, statuses[part])].map((key) => `${part}/${key}`),
    );
  }

  /** False until the first translation: then nothing is known of any object. */
  get areKnown(): boolean {
    return this.#statuses !== undefined;
  }

  /** What an object shall have; undefined: it is none of ours. */
  of(part: StatusPart, key: string): Readonly<Record<string, unknown>> | undefined {
    const status = this.#statuses?.[part].get(key) as Readonly<Record<string, unknown>> | undefined;
    if (part !== 'listenerSets' || status === undefined) return status;
    // whose it is is said for those who add what data planes say
    const { gateway: _, ...written } = status;
    return written;
  }
}
