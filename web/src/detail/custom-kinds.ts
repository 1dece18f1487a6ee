import type { Kind } from '../api/kinds.ts';

/** The groups of kinds that an API server has by itself and that have a dot; the others of it have none. */
const BUILT_IN = [
  'admissionregistration',
  'apiextensions',
  'apiregistration',
  'authentication',
  'authorization',
  'certificates',
  'coordination',
  'discovery',
  'events',
  'flowcontrol.apiserver',
  'internal.apiserver',
  'networking',
  'node',
  'rbac.authorization',
  'resource',
  'scheduling',
  'storage',
  'storagemigration',
  // measured, and not stored
  'metrics',
  'custom.metrics',
  'external.metrics',
];
const NOT_CUSTOM = new Set(BUILT_IN.map((name) => `${name}.k8s.io`));

/** Kinds that somebody defined and that can be listed, but for those that are looked at anyway. */
export function customKinds(
  all: readonly Kind[],
  known: readonly (readonly [group: string, kind: string])[],
): readonly Kind[] {
  const isKnown = (one: Kind): boolean => known.some(([group, kind]) => one.group === group && one.kind === kind);
  return all.filter(
    (kind) => kind.group.includes('.') && !NOT_CUSTOM.has(kind.group) && kind.verbs.includes('list') && !isKnown(kind),
  );
}
