import type { JsonObject } from 'nekube/apimachinery';
import type { PartyTally, SharedTally } from '../tally.ts';
import { managerData } from './owner-data.ts';

/** Managers and what pairs of them own together. */
export interface OwnershipMatrix {
  readonly objects: number;
  readonly parties: readonly PartyTally[];
  readonly pairs: readonly SharedTally[];
}

/** A matrix in the form for programs: docs/ownership.md. */
export function matrixData({ objects, parties, pairs }: OwnershipMatrix): JsonObject {
  return {
    objects,
    managers: parties.map(partyData),
    pairs: pairs.map(({ parties: both, fields, objects: within, paths }) => ({
      managers: both.map(managerData),
      fields,
      objects: within,
      paths: byObjects(paths).map(([path, count]) => ({ path, objects: count })),
    })),
  };
}

/** A manager's counts as data for programs. */
export function partyData(party: PartyTally): JsonObject {
  const { objects, fields, shared, oldest, newest } = party;
  return {
    ...managerData(party),
    objects,
    fields,
    shared,
    ...(oldest !== undefined && { oldest }),
    ...(newest !== undefined && { newest }),
  };
}

/** Paths by the number of objects, those of most objects first. */
export function byObjects(paths: ReadonlyMap<string, number>): [path: string, objects: number][] {
  return [...paths].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
