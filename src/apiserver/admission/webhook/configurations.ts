import type { KubeObject, LabelSelectorObject, WebhookClientConfig } from 'nekube/apimachinery';
import type { Informer } from '../../registry/informer.ts';
import { targetOf, type WebhookTarget } from '../../webhooks/index.ts';
import type { RuleWithOperations } from '../match/rules.ts';

/** A webhook as its configuration says it, with defaults. */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules?: readonly RuleWithOperations[];
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly matchPolicy?: 'Exact' | 'Equivalent';
  readonly namespaceSelector?: LabelSelectorObject;
  readonly objectSelector?: LabelSelectorObject;
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions?: readonly string[];
  /** Of mutating ones. */
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
}

/** A webhook of a configuration. */
export interface Hook {
  /** No other hook has it: names may be repeated. */
  readonly uid: string;
  readonly configuration: string;
  readonly webhook: Webhook;
  /** Where it is called. @throws Error for a place that cannot be used */
  target(): WebhookTarget;
}

/** All webhooks of one kind, in the order in which they are asked: by the name of their configuration, then as listed. */
export class Hooks {
  readonly #informer: Informer;
  readonly #known = new WeakMap<KubeObject, readonly Hook[]>();
  #generation = -1;
  #all: readonly Hook[] = [];

  constructor(informer: Informer) {
    this.#informer = informer;
  }

  /** The webhooks as of now. */
  list(): readonly Hook[] {
    if (this.#generation !== this.#informer.generation) {
      this.#all = this.#informer.list().flatMap((configuration) => this.#hooksOf(configuration));
      this.#generation = this.#informer.generation;
    }
    return this.#all;
  }

  #hooksOf(configuration: KubeObject): readonly Hook[] {
    let hooks = this.#known.get(configuration);
    if (hooks === undefined) this.#known.set(configuration, (hooks = hooksOf(configuration)));
    return hooks;
  }
}

function hooksOf(configuration: KubeObject): Hook[] {
  const name = configuration.metadata.name ?? '';
  const seen = new Map<string, number>();
  return ((configuration.webhooks ?? []) as Webhook[]).map((webhook) => {
    const count = seen.get(webhook.name) ?? 0;
    seen.set(webhook.name, count + 1);
    let target: WebhookTarget | undefined;
    return {
      uid: `${name}/${webhook.name}/${count}`,
      configuration: name,
      webhook,
      target: () => (target ??= targetOf(webhook.clientConfig)),
    };
  });
}
