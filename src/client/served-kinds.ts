import { isJsonObject, isStatusError, type JsonValue } from 'nekube/apimachinery';
import { builtinKind } from './builtin-kinds.ts';
import { NoMatchError } from './errors.ts';
import type { Kind, ServedKind } from './kinds.ts';
import { versionPath } from './paths.ts';

/**
 * How kinds are served. Built-in kinds are known; of others the versions of their groups are asked for, one request for
 * all kinds of a version, which are then remembered. What is missing is asked for again, each time: that a kind is not
 * served is only said of a server that was asked after the question came.
 */
export class ServedKinds {
  readonly #ask: (path: string) => Promise<JsonValue>;
  readonly #known = new Map<string, ReadonlyMap<string, ServedKind>>();
  readonly #asked = new Map<string, Promise<ReadonlyMap<string, ServedKind>>>();

  /** @param ask gives the answer of a GET */
  constructor(ask: (path: string) => Promise<JsonValue>) {
    this.#ask = ask;
  }

  /** @throws NoMatchError, and what asking throws */
  async find<T extends Kind>(kind: T): Promise<ServedKind> {
    const { apiVersion } = kind;
    const known = statedOf(kind) ?? builtinKind(kind) ?? this.#known.get(apiVersion)?.get(kind.kind);
    if (known !== undefined) return known;
    // an answer that was under way already may have been made before the kind was there
    const underWay = (await this.#asked.get(apiVersion))?.get(kind.kind);
    const found = underWay ?? (await this.#kindsIn(apiVersion)).get(kind.kind);
    if (found === undefined) throw new NoMatchError(kind);
    return found;
  }

  /** Forgets what was found of a version: its kinds may have changed. */
  forget(apiVersion: string): void {
    this.#known.delete(apiVersion);
  }

  /** Those who ask at the same time share a request, which begins after each of them asked. */
  #kindsIn(apiVersion: string): Promise<ReadonlyMap<string, ServedKind>> {
    let asked = this.#asked.get(apiVersion);
    if (asked === undefined) {
      asked = this.#fetch(apiVersion).finally(() => this.#asked.delete(apiVersion));
      this.#asked.set(apiVersion, asked);
    }
    return asked;
  }

  async #fetch(apiVersion: string): Promise<ReadonlyMap<string, ServedKind>> {
    try {
      const kinds = kindsOf(apiVersion, await this.#ask(versionPath(apiVersion)));
      this.#known.set(apiVersion, kinds);
      return kinds;
    } catch (e) {
      if (!isStatusError(e, 'NotFound')) throw e;
      this.#known.delete(apiVersion);
      return new Map();
    }
  }
}

/** A kind that says itself how it is served. */
function statedOf(kind: Kind & Partial<ServedKind>): ServedKind | undefined {
  const { apiVersion, kind: name, resource, namespaced } = kind;
  if (typeof resource !== 'string' || typeof namespaced !== 'boolean') return undefined;
  return { apiVersion, kind: name, resource, namespaced };
}

/** The kinds in an APIResourceList; parts of resources (`pods/status`) have none of their own. */
function kindsOf(apiVersion: string, list: JsonValue): ReadonlyMap<string, ServedKind> {
  const kinds = new Map<string, ServedKind>();
  const resources = isJsonObject(list) && Array.isArray(list.resources) ? list.resources : [];
  for (const entry of resources) {
    if (!isJsonObject(entry)) continue;
    const { name, kind, namespaced } = entry;
    if (typeof name !== 'string' || typeof kind !== 'string' || name.includes('/') || kinds.has(kind)) continue;
    kinds.set(kind, { apiVersion, kind, resource: name, namespaced: namespaced === true });
  }
  return kinds;
}
