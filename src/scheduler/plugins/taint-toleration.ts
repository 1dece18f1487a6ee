import { isTolerated, keepsAway } from 'nekube/component-helpers';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';
import { type FilterPlugin, isAbout, normalizeScores, type ScorePlugin } from './plugin.ts';

const NAME = 'TaintToleration';
const REJECTION = { plugin: NAME, reasons: ['node(s) had untolerated taint(s)'], isResolvable: false };

/** Taints keep pods away that do not tolerate them. */
export const taintFilter: FilterPlugin = {
  name: NAME,
  prepare: ({ pod }) => ({ filter: ({ node }) => (isKeptAway(pod, node!) ? REJECTION : undefined) }),
  isHelped(pod, event) {
    if (event.action === 'UpdatePodToleration') return isAbout(pod, event);
    if (event.resource !== 'Node' || (event.action !== 'Add' && event.action !== 'UpdateNodeTaint')) return false;
    const was = event.old === undefined || isKeptAway(pod, event.old as Node);
    return was && !isKeptAway(pod, event.object as Node);
  },
};

/** The fewer taints of a node that would rather not have the pod, the better. */
export const taintScore: ScorePlugin = {
  name: NAME,
  weight: 3,
  prepare({ pod }) {
    const tolerations = (pod.spec.tolerations ?? []).filter(
      ({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule',
    );
    return {
      score: ({ node }) =>
        (node!.spec?.taints ?? []).filter(
          (taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations),
        ).length,
      normalize: (scores) => normalizeScores(scores, true),
    };
  },
};

function isKeptAway({ spec: { tolerations } }: Pod, { spec }: Node): boolean {
  return (spec?.taints ?? []).some((taint) => keepsAway(taint) && !isTolerated(taint, tolerations));
}
