import type { KubeObject } from 'nekube/apimachinery';
import { changeText, type KepChange } from 'nekube/kep';
import type { SourceItem } from './proposals.ts';

/** A Kep as far as its changes are read. */
export interface ChangedKep extends KubeObject {
  readonly spec: { readonly number?: number; readonly title: string; readonly path: string };
  readonly status?: { readonly history?: readonly KepChange[] };
}

/** Changes that readers care for; a title or a SIG that is corrected is none. */
const TOLD = new Set(['status', 'stage', 'kep']);
const REPOSITORY = 'https://github.com/kubernetes/enhancements';

/** What changed in Keps, the newest first: the changes that one commit made to one of them are one item. */
export function itemsOfKeps(keps: readonly ChangedKep[]): readonly SourceItem[] {
  const items = keps.flatMap(({ metadata, spec, status }) => {
    const byCommit = new Map<string, KepChange[]>();
    for (const change of (status?.history ?? []).filter(({ field }) => TOLD.has(field)))
      byCommit.set(change.commit, [...(byCommit.get(change.commit) ?? []), change]);
    return [...byCommit].map(([commit, changes]) => itemOf(metadata.name!, spec, commit, changes));
  });
  return items.sort((a, b) => (a.published! < b.published! ? 1 : -1));
}

function itemOf(name: string, spec: ChangedKep['spec'], commit: string, changes: readonly KepChange[]): SourceItem {
  const { pullRequest, time } = changes[0]!;
  const called = spec.number === undefined ? spec.title : `KEP-${spec.number}: ${spec.title}`;
  return {
    id: `${commit}/${name}`,
    title: `${called} (${changes.map(changeText).join('; ')})`,
    url: pullRequest === undefined ? `${REPOSITORY}/tree/master/${spec.path}` : `${REPOSITORY}/pull/${pullRequest}`,
    published: time,
  };
}
