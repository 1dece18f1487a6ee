import { goQuote, type KubeObject } from 'nekube/apimachinery';
import type { UserInfo } from '../../user.ts';

/** A binding that applies to a user, and the first of its subjects that does. */
export interface AppliedBinding {
  readonly binding: KubeObject;
  /** The place of the binding among all, and of the subject in it. */
  readonly order: number;
  readonly subject: number;
}

interface Subject {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** Bindings by their subjects: whom a request of some user concerns is found without looking at the others. */
export class BindingIndex {
  readonly #byUser = new Map<string, AppliedBinding[]>();
  readonly #byGroup = new Map<string, AppliedBinding[]>();

  /** @param namespace of the bindings, where their service accounts are unless they say otherwise; empty for the cluster */
  constructor(bindings: readonly KubeObject[], namespace: string) {
    for (const [order, binding] of bindings.entries()) {
      const subjects: readonly Subject[] = binding.subjects ?? [];
      for (const [subject, { kind, name = '', namespace: own }] of subjects.entries()) {
        const applied = { binding, order, subject };
        if (kind === 'User') add(this.#byUser, name, applied);
        else if (kind === 'Group') add(this.#byGroup, name, applied);
        else if (kind === 'ServiceAccount' && (own || namespace))
          add(this.#byUser, `system:serviceaccount:${own || namespace}:${name}`, applied);
      }
    }
  }

  /** The bindings of a user, each once, in their order. */
  of({ name, groups }: UserInfo): readonly AppliedBinding[] {
    const found = [this.#byUser.get(name), ...groups.map((group) => this.#byGroup.get(group))].filter(
      (list) => list !== undefined,
    );
    if (found.length === 0) return [];
    const sorted = found.flat().sort((a, b) => a.order - b.order || a.subject - b.subject);
    return sorted.filter(({ order }, i) => order !== sorted[i - 1]?.order);
  }
}

function add(map: Map<string, AppliedBinding[]>, key: string, applied: AppliedBinding): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [applied]);
  else list.push(applied);
}

/** Names a binding with its role and the subject that it applies to, as reasons do. */
export function describeBinding({ binding, subject }: AppliedBinding): string {
  const { kind, metadata, roleRef } = binding;
  const { name = '', namespace } = metadata;
  const shown = namespace ? `${name}/${namespace}` : name;
  const whom = describeSubject(binding.subjects[subject], namespace ?? '');
  return `${kind} ${goQuote(shown)} of ${roleRef.kind} ${goQuote(roleRef.name)} to ${whom}`;
}

function describeSubject({ kind, name = '', namespace }: Subject, bindingNamespace: string): string {
  const shown = kind === 'ServiceAccount' ? `${name}/${namespace || bindingNamespace}` : name;
  return `${kind} ${goQuote(shown)}`;
}
