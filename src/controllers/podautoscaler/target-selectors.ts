import type { KubeObject, LabelSelector } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';

/** Which pods the targets of autoscalers select, as far as these were looked at: two that scale the same pods would fight. */
export class TargetSelectors {
  /** By namespace, then by the name of the autoscaler. */
  readonly #selectors = new Map<string, Map<string, LabelSelector>>();

  /** The target of an autoscaler selects so. */
  set({ namespace = '', name }: ObjectKey, selector: LabelSelector): void {
    const known = this.#selectors.get(namespace) ?? new Map<string, LabelSelector>();
    this.#selectors.set(namespace, known.set(name, selector));
  }

  /** The autoscaler is gone. */
  forget({ namespace = '', name }: ObjectKey): void {
    const known = this.#selectors.get(namespace);
    known?.delete(name);
    if (known?.size === 0) this.#selectors.delete(namespace);
  }

  /** The names of the autoscalers that select some of the pods that a selector does; its own is one of them if there are any. */
  ofSamePods(namespace: string, selector: LabelSelector, pods: readonly KubeObject[]): string[] {
    const selected = pods.filter(({ metadata }) => selector.matches(metadata.labels));
    const known = [...(this.#selectors.get(namespace) ?? [])];
    return known
      .filter(([, other]) => selected.some(({ metadata }) => other.matches(metadata.labels)))
      .map(([name]) => name);
  }
}
