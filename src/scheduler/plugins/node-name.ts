import type { FilterPlugin } from './plugin.ts';

const NAME = 'NodeName';
const REJECTION = { plugin: NAME, reasons: ["node(s) didn't match the requested node name"], isResolvable: false };

/** A pod that names its node is on no other. */
export const nodeName: FilterPlugin = {
  name: NAME,
  prepare({ pod }) {
    const { nodeName: wanted } = pod.spec;
    return wanted ? { filter: ({ name }) => (name === wanted ? undefined : REJECTION) } : undefined;
  },
  isHelped: (_pod, { resource, action }) => resource === 'Node' && action === 'Add',
};
