import { expressionsIn, prepareExpressions } from '../model/expressions.ts';
import type { Resource, Snapshot } from '../translate/index.ts';

type Part = 'httpRoutes' | 'grpcRoutes' | 'backendPolicies';
const PARTS: readonly Part[] = ['httpRoutes', 'grpcRoutes', 'backendPolicies'];

/** Has the expressions of objects made before a translation asks for them, so that it takes none of the time in which requests wait. */
export class PreparedExpressions {
  readonly #objects = new WeakSet<Resource>();
  readonly #maps = new WeakSet<object>();

  /** Resolves when those of a snapshot are made; at once for what was in one before. */
  async prepare(snapshot: Pick<Snapshot, Part>): Promise<void> {
    for (const part of PARTS) {
      const objects: ReadonlyMap<string, Resource> = snapshot[part];
      if (this.#maps.has(objects)) continue;
      this.#maps.add(objects);
      const others = [...objects.values()].filter((object) => !this.#objects.has(object));
      for (const object of others) {
        this.#objects.add(object);
        await prepareExpressions(expressionsIn(object));
      }
    }
  }
}
