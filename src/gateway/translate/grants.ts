import type { View } from './cluster.ts';
import { readOr } from './malformed.ts';
import type { ReferenceGrant } from './resources.ts';

/** A reference that may leave its namespace. */
export interface CrossReference {
  readonly from: { readonly group: string; readonly kind: string; readonly namespace: string };
  readonly to: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string };
}

/** Whether a reference is within its namespace, or a ReferenceGrant where it goes to lets it in. */
export function isGranted(view: View, { from, to }: CrossReference): boolean {
  if (from.namespace === to.namespace) return true;
  return [...view.grants(to.namespace)].some((grant) =>
    readOr(
      () => grants(grant, { from, to }),
      () => false,
    ),
  );
}

function grants({ spec }: ReferenceGrant, { from, to }: CrossReference): boolean {
  const fromFits = spec?.from?.some(
    ({ group, kind, namespace }) => (group ?? '') === from.group && kind === from.kind && namespace === from.namespace,
  );
  const toFits = spec?.to?.some(
    ({ group, kind, name }) =>
      (group ?? '') === to.group && kind === to.kind && (name === undefined || name === '' || name === to.name),
  );
  return fromFits === true && toFits === true;
}

/** What is missing, and what would help. */
export function grantMissing({ from, to }: CrossReference): string {
  const target = to.group === '' ? to.kind : `${to.kind}.${to.group}`;
  return (
    `${target} ${to.namespace}/${to.name} is in another namespace: a ReferenceGrant in ${to.namespace} must allow ` +
    `${from.kind} of ${from.namespace} to refer to it`
  );
}
