import type { KepChange } from '../history/timeline.ts';
import type { FieldChange, TimelineEntry } from './contract.ts';

/** Changes of a KEP by commit, in their order. */
export function timelineOf(changes: readonly KepChange[], repository: string): readonly TimelineEntry[] {
  const entries = new Map<string, TimelineEntry & { readonly changes: FieldChange[] }>();
  for (const { commit, time, pullRequest, ...change } of changes) {
    const entry = entries.get(commit) ?? {
      time,
      commit,
      commitUrl: `${repository}/commit/${commit}`,
      ...(pullRequest !== undefined && { pullRequest, pullRequestUrl: `${repository}/pull/${pullRequest}` }),
      changes: [],
    };
    entry.changes.push(change);
    entries.set(commit, entry);
  }
  return [...entries.values()];
}
