import { atomFeed, type ChangeOfKep, jsonFeed, type SiteChanges } from 'nekube/kep';
import type { KepAnswer } from './kep-endpoint.ts';

/** The feeds of changes, by what they are called: they are asked for as `changes` is. */
export const FEEDS: Readonly<Record<string, (changes: SiteChanges) => KepAnswer>> = {
  'changes.atom': (changes) => ({ body: atomFeed(flat(changes)), type: 'application/atom+xml; charset=utf-8' }),
  'changes.json': (changes) => ({
    body: JSON.stringify(jsonFeed(flat(changes))),
    type: 'application/feed+json; charset=utf-8',
  }),
};

/** A change each, as feeds have them. */
function flat({ changes }: SiteChanges): readonly ChangeOfKep[] {
  return changes.flatMap(({ kep, changes: fields, time, commit, pullRequest }) =>
    fields.map((field) => ({
      kep,
      change: { ...field, time, commit, ...(pullRequest !== undefined && { pullRequest }) },
    })),
  );
}
