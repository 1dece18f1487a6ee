import { jsonEqual, type JsonValue, type KubeObject, type OwnerReference } from 'nekube/apimachinery';
import { type RequestContext, warn } from './context.ts';

/** Drops owner references that a body has twice, and warns of them. */
export function dedupOwnerReferences(object: KubeObject, context: RequestContext): void {
  report(object, context, 'contains duplicate entries');
}

/** The same after admission has changed the object; for patches it is the first time. */
export function dedupAdmittedOwnerReferences(object: KubeObject, context: RequestContext): void {
  report(object, context, 'contains duplicate entries after mutating admission happens');
}

function report(object: KubeObject, context: RequestContext, problem: string): void {
  const references = object.metadata.ownerReferences ?? [];
  const kept: OwnerReference[] = [];
  const duplicates: string[] = [];
  for (const reference of references) {
    if (kept.some((other) => isSame(other, reference))) duplicates.push(reference.uid);
    else kept.push(reference);
  }
  if (duplicates.length === 0) return;
  object.metadata.ownerReferences = kept;
  const advice =
    'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests';
  warn(context, `.metadata.ownerReferences ${problem}; ${advice}; duplicate UID(s) observed: ${duplicates.join(', ')}`);
}

function isSame(a: OwnerReference, b: OwnerReference): boolean {
  return a.uid === b.uid && jsonEqual(a as unknown as JsonValue, b as unknown as JsonValue);
}
