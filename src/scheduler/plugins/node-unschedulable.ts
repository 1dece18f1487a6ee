import { isTolerated } from 'nekube/component-helpers';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';
import { type FilterPlugin, isAbout } from './plugin.ts';

const NAME = 'NodeUnschedulable';
const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const REJECTION = { plugin: NAME, reasons: ['node(s) were unschedulable'], isResolvable: false };

/** Nodes that are cordoned take pods only that tolerate it. */
export const nodeUnschedulable: FilterPlugin = {
  name: NAME,
  prepare({ pod }) {
    if (toleratesIt(pod)) return undefined;
    return { filter: ({ node }) => (node?.spec?.unschedulable ? REJECTION : undefined) };
  },
  isHelped(pod, event) {
    if (event.action === 'UpdatePodToleration') return isAbout(pod, event) && toleratesIt(event.object as Pod);
    if (event.resource !== 'Node' || (event.action !== 'Add' && event.action !== 'UpdateNodeTaint')) return false;
    const { spec: before } = (event.old ?? {}) as Partial<Node>;
    const { spec } = event.object as Node;
    return !spec?.unschedulable && (event.old === undefined || before?.unschedulable === true);
  },
};

function toleratesIt({ spec }: Pod): boolean {
  return isTolerated(TAINT, spec.tolerations);
}
