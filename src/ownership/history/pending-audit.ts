import type { AuditEntry } from './audit-entry.ts';
import { bestMatch, matchOf } from './audit-match.ts';
import type { NewRecord } from './history-record.ts';
import type { ValueOf } from './kept-value.ts';

/** So many audited writes wait for what they made to be seen; most never do, being of fields that are left out. */
const MOST = 5000;

/** Audited writes that were told before what they made. */
export class PendingAudit {
  /** In the order in which they came. */
  readonly #entries = new Map<AuditEntry, string>();
  readonly #byObject = new Map<string, AuditEntry[]>();

  /** Keeps an entry about an object of a kind. */
  add(entry: AuditEntry, kind: string): void {
    const key = keyOf({ ...entry, kind });
    this.#entries.set(entry, key);
    const known = this.#byObject.get(key);
    if (known === undefined) this.#byObject.set(key, [entry]);
    else known.push(entry);
    if (this.#entries.size > MOST) for (const [oldest] of this.#entries) return this.#forget(oldest);
  }

  /** The entry that tells who made what a record tells of, which is then no longer kept. */
  take(record: NewRecord): AuditEntry | undefined {
    const entries = this.#byObject.get(keyOf(record.object));
    const found = entries && bestMatch(entries, (entry) => matchOf(entry, record));
    if (found !== undefined) this.#forget(found);
    return found;
  }

  #forget(entry: AuditEntry): void {
    const key = this.#entries.get(entry)!;
    this.#entries.delete(entry);
    const left = this.#byObject.get(key)!.filter((one) => one !== entry);
    if (left.length === 0) this.#byObject.delete(key);
    else this.#byObject.set(key, left);
  }
}

function keyOf({ group, kind, namespace, name }: ValueOf): string {
  return [group, kind, namespace, name].join('\0');
}
