import type { Statuses } from '../statuses/index.ts';

/** A kind that has statuses of ours. */
export type StatusPart = keyof Statuses;

type StatusMap = ReadonlyMap<string, unknown>;

/** The statuses that objects shall have, as the last translation says. */
export class WantedStatuses {
  #statuses: Statuses | undefined;

  /** Takes over new ones; gives those that differ from the ones before, as `PART/KEY`, also where there is none any longer. */
  update(statuses: Statuses): string[] {
    const before = this.#statuses;
    this.#statuses = statuses;
    return (Object.keys(statuses) as StatusPart[]).flatMap((part) =>
      changesOf(before?.[part] ?? new Map(), statuses[part]).map((key) => `${part}/${key}`),
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

function changesOf(before: StatusMap, now: StatusMap): string[] {
  if (before === now) return [];
  const changed = [...now].filter(([key, status]) => before.get(key) !== status).map(([key]) => key);
  return [...changed, ...[...before.keys()].filter((key) => !now.has(key))];
}
