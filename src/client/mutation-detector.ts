import type { KubeObject } from 'nekube/apimachinery';
import { shownObject } from './object-name.ts';

/** Somebody changed an object that an informer shares with all who read it. */
export class MutationError extends Error {
  /** @param path where in the object, as `.spec.replicas` */
  constructor(object: KubeObject, path: string) {
    super(
      `${shownObject(object)} of an informer was changed at ${path}: it is shared, change a copy (structuredClone)`,
    );
    this.name = 'MutationError';
  }
}

/** Freezes an object and all in it; a change throws a TypeError where it is made. */
export function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) freezeDeep(member);
  return value;
}

/** Remembers how shared objects were when they were stored, and finds those that are not so any more. */
export class MutationDetector<T extends KubeObject = KubeObject> {
  readonly #originals = new Map<T, T>();
  readonly #report: (error: MutationError) => void;

  constructor(report: (error: MutationError) => void) {
    this.#report = report;
  }

  /** An object is stored. */
  remember(object: T): void {
    this.#originals.set(object, structuredClone(object));
  }

  /** An object is no longer stored; looks at it for the last time. */
  forget(object: T): void {
    this.#compare(object);
    this.#originals.delete(object);
  }

  /** Looks at all objects. A change is told once. */
  check(): void {
    for (const object of [...this.#originals.keys()]) this.#compare(object);
  }

  #compare(object: T): void {
    const original = this.#originals.get(object);
    const path = original && differenceOf(original, object, '');
    if (original === undefined || path === undefined) return;
    this.#report(new MutationError(original, path));
    this.#originals.set(object, structuredClone(object));
  }
}

/** Where two values first differ; undefined: nowhere. */
function differenceOf(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return path || '.';
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const at = Array.isArray(a) ? `${path}[${name}]` : `${path}.${name}`;
    const found = differenceOf((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name], at);
    if (found !== undefined) return found;
  }
  return undefined;
}
