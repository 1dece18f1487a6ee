import { expressionsIn, prepareExpressions } from '../model/expressions.ts';
import { LayeredMap } from '../model/layered-map.ts';
import type { Resource, Snapshot } from '../translate/index.ts';

type Part = 'httpRoutes' | 'grpcRoutes' | 'backendPolicies';
const PARTS: readonly Part[] = ['httpRoutes', 'grpcRoutes', 'backendPolicies'];
const NONE: ReadonlyMap<string, Resource> = new Map();

/** Has the expressions of objects made before a translation asks for them, so that it takes none of the time in which requests wait. */
export class PreparedExpressions {
  /** What they were made of. */
  readonly #prepared = new Map<Part, ReadonlyMap<string, Resource>>();

  /** Resolves when those of a snapshot are made; it costs what is not as in the one before. */
  async prepare(snapshot: Pick<Snapshot, Part>): Promise<void> {
    for (const part of PARTS) {
      const objects: ReadonlyMap<string, Resource> = snapshot[part];
      const before = this.#prepared.get(part) ?? NONE;
      this.#prepared.set(part, objects);
      for (const key of LayeredMap.differing(before, objects))
        await prepareExpressions(expressionsIn(objects.get(key)));
    }
  }
}
