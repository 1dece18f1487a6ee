import type { KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, type Informer, InformerSet, type Kind, type ServedResource } from 'nekube/client';
import type { Logger } from 'nekube/controller';
import { type Evaluator, evaluatorOf, IGNORED, OWN_EVALUATORS } from 'nekube/quota';
import { preferredResources } from '../preferred-resources.ts';
import type { CountedObjects } from './usage.ts';

/** What it works with. */
export interface CountedResourcesParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** The cache that all controllers share, for kinds of which more than metadata counts. */
  readonly informer: (kind: Kind) => Informer;
  /** Told when something in a namespace is gone, or uses less: of the resource as `pods` or `deployments.apps`. */
  readonly onChange: (change: {
    readonly resource: string;
    readonly object: KubeObject;
    readonly old?: KubeObject;
  }) => void;
}

/** So often is looked for kinds that are new. */
const PERIOD_MS = 30_000;
const VERBS = ['create', 'delete', 'list', 'watch'];
const COUNT = 'count/';
/** Older names of counts. */
const ALIASES = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'];

/** Informers of the resources that quotas count, each from when the first quota names it. */
export class CountedResources {
  readonly #parts: CountedResourcesParts;
  readonly #informers: InformerSet;
  readonly #known = new Map<string, Promise<Informer | undefined>>();
  #served: { readonly at: number; readonly all: Promise<readonly ServedResource[]> } | undefined;

  constructor(parts: CountedResourcesParts) {
    this.#parts = parts;
    this.#informers = new InformerSet(parts.client, {
      clock: parts.clock,
      onError: (error, { kind }) => parts.log.debug('An informer failed, and tries again', { kind, error }),
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#informers.run(signal);
  }

  /** What there is in a namespace of all that these names count; without what is not served. */
  async inNamespace(namespace: string, names: readonly string[], signal: AbortSignal): Promise<CountedObjects[]> {
    const found: CountedObjects[] = [];
    for (const [resource, evaluator] of evaluatorsOf(names)) {
      const informer = await this.#informerOf(resource);
      await informer?.synced(signal);
      if (informer !== undefined) found.push({ evaluator, objects: informer.store.list(namespace) });
    }
    return found;
  }

  /** One that was not served may be served later. */
  async #informerOf(resource: string): Promise<Informer | undefined> {
    const known = (await this.#known.get(resource)) ?? undefined;
    if (known !== undefined) return known;
    const started = this.#start(resource);
    this.#known.set(resource, started);
    return started;
  }

  async #start(resource: string): Promise<Informer | undefined> {
    const served = (await this.#resources()).find((one) => nameOf(one) === resource);
    if (served === undefined) return undefined;
    const { onChange, informer } = this.#parts;
    const found = OWN_EVALUATORS.has(resource)
      ? informer(served)
      : this.#informers.informer(served, { metadataOnly: true });
    found.handle({
      updated: (object, old) => onChange({ resource, object, old }),
      deleted: (object) => onChange({ resource, object }),
    });
    return found;
  }

  #resources(): Promise<readonly ServedResource[]> {
    const { client, clock } = this.#parts;
    const now = clock.elapsed();
    if (this.#served === undefined || now - this.#served.at > PERIOD_MS) {
      this.#served = { at: now, all: preferredResources(client, VERBS) };
      this.#served.all.catch(() => (this.#served = undefined));
    }
    return this.#served.all;
  }
}

/** The resources that names of a quota count, each with how it is counted: `count/deployments.apps` are `deployments.apps`. */
export function evaluatorsOf(names: readonly string[]): ReadonlyMap<string, Evaluator> {
  const own = [...OWN_EVALUATORS].filter(([, evaluator]) => evaluator.resources(names).length > 0);
  const others = names
    .map((name) => (name.startsWith(COUNT) ? name.slice(COUNT.length) : name))
    .filter((name, index) => names[index]!.startsWith(COUNT) || ALIASES.includes(name))
    .filter((name) => !OWN_EVALUATORS.has(name) && !IGNORED.has(asIgnored(name)));
  return new Map([...own, ...others.map((name): [string, Evaluator] => [name, evaluatorOf(...split(name))])]);
}

function split(name: string): [string, string] {
  const dot = name.indexOf('.');
  return dot < 0 ? ['', name] : [name.slice(dot + 1), name.slice(0, dot)];
}

function asIgnored(name: string): string {
  return split(name).join('/');
}

function nameOf({ group, resource }: ServedResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}
