import { type NodeSelectorTerm, isEmptyTerm, matchTerm, requiredNodes } from 'nekube/component-helpers';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';
import { type FilterPlugin, normalizeScores, type ScorePlugin } from './plugin.ts';

const NAME = 'NodeAffinity';
const REJECTION = { plugin: NAME, reasons: ["node(s) didn't match Pod's node affinity/selector"], isResolvable: false };
const CONFLICT = { plugin: NAME, reasons: ['pod affinity terms conflict'], isResolvable: false };

/** A pod goes to nodes only that its selector and its affinity are about. */
export const nodeAffinityFilter: FilterPlugin = {
  name: NAME,
  prepare({ pod }) {
    const { nodeSelector, affinity } = pod.spec;
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (required === undefined && nodeSelector === undefined) return undefined;
    const nodes = required === undefined ? undefined : namedNodes(required.nodeSelectorTerms);
    if (nodes?.size === 0) return { rejection: CONFLICT };
    const matches = requiredNodes(pod.spec);
    return { ...(nodes && { nodes }), filter: ({ node }) => (matches(node!) ? undefined : REJECTION) };
  },
  isHelped(pod, { resource, action, old, object }) {
    if (resource !== 'Node' || (action !== 'Add' && action !== 'UpdateNodeLabel')) return false;
    const matches = requiredNodes(pod.spec);
    return matches(object as Node) && (old === undefined || !matches(old as Node));
  },
};

/** The nodes that the pod would like are better, each by the weight of its terms. */
export const nodeAffinityScore: ScorePlugin = {
  name: NAME,
  weight: 2,
  prepare({ pod }) {
    const terms = preferredTerms(pod);
    if (terms === undefined) return undefined;
    return {
      score: ({ node }) => terms.reduce((sum, { weight, matches }) => (matches(node!) ? sum + weight : sum), 0),
      normalize: (scores) => normalizeScores(scores),
    };
  },
};

function preferredTerms({ spec }: Pod): readonly { weight: number; matches: (node: Node) => boolean }[] | undefined {
  const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
  return preferred
    ?.filter(({ weight, preference }) => weight !== 0 && !isEmptyTerm(preference))
    .map(({ weight, preference }) => ({ weight, matches: matchTerm(preference) }));
}

/** The nodes that all terms name; undefined: a term names none, so it may be any. */
function namedNodes(terms: readonly NodeSelectorTerm[]): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named.length === 0) return undefined;
    const [first, ...others] = named.map(({ values = [] }) => values);
    for (const name of first!) if (others.every((values) => values.includes(name))) names.add(name);
  }
  return terms.length === 0 ? undefined : names;
}
