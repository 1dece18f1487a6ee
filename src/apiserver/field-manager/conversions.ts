import type { KubeObject } from 'nekube/apimachinery';

/** Brings an object to a version. @throws Error where that cannot be, as does the promise of one that takes its time */
export type Convert = (object: KubeObject, apiVersion: string) => KubeObject;
/** The same where another process does it. */
export type ConvertLater = (object: KubeObject, apiVersion: string) => Promise<KubeObject>;

/** Thrown through a merge that needs an object in a version in which it is not known yet. */
export class ConversionNeeded extends Error {
  readonly object: KubeObject;
  readonly apiVersion: string;

  constructor(object: KubeObject, apiVersion: string) {
    super(`conversion to ${apiVersion} has to be waited for`);
    this.object = object;
    this.apiVersion = apiVersion;
  }
}

/**
 * Makes a change that takes its conversions as values, by a converter that has to be waited for: the change is broken off
 * where it needs an object in another version, and made again from its beginning when that is known.
 *
 * A change asks for the same objects every time, of which each is converted once. So it is made at most once more than it
 * needs conversions: a few for each version that managers have written in.
 *
 * @param change leaves what it was given as it was where it throws
 * @returns a promise only where something is to be converted
 */
export function withConversions<T>(convertLater: ConvertLater, change: (convert: Convert) => T): T | Promise<T> {
  const known = new Map<string, KubeObject | Error>();
  const attempt = (): T | ConversionNeeded => {
    try {
      return change((object, apiVersion) => {
        const found = known.get(keyOf(object, apiVersion));
        if (found === undefined) throw new ConversionNeeded(object, apiVersion);
        if (found instanceof Error) throw found;
        return found;
      });
    } catch (error) {
      if (error instanceof ConversionNeeded) return error;
      throw error;
    }
  };
  const retry = async (first: ConversionNeeded): Promise<T> => {
    let outcome: T | ConversionNeeded = first;
    while (outcome instanceof ConversionNeeded) {
      const { object, apiVersion } = outcome;
      known.set(keyOf(object, apiVersion), await convertLater(object, apiVersion).catch((error: Error) => error));
      outcome = attempt();
    }
    return outcome;
  };
  const outcome = attempt();
  return outcome instanceof ConversionNeeded ? retry(outcome) : outcome;
}

/** Goes on with a value: at once, unless it is to be waited for. */
export function goOn<T, R>(value: T | Promise<T>, next: (value: T) => R): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function keyOf(object: KubeObject, apiVersion: string): string {
  return `${apiVersion} ${JSON.stringify(object)}`;
}
