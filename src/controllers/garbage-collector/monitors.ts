import { setMaxListeners } from 'node:events';
import type { KubeObject } from 'nekube/apimachinery';
import {
  type Client,
  type Clock,
  type Informer,
  InformerSet,
  type Kind,
  type ServedResource,
  sleep,
} from 'nekube/client';
import type { Logger } from 'nekube/controller';
import { preferredResources } from '../preferred-resources.ts';
import type { Graph } from './graph.ts';
import type { Identity } from './node.ts';

/** So often is looked for kinds that came and kinds that went. */
const PERIOD_MS = 30_000;
/** After so long work begins though not all is known: who is not seen yet is asked for. */
const SYNC_MS = 30_000;
const EVENT_GROUPS = ['', 'events.k8s.io'];

/** What monitors work with. */
export interface MonitorsParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly graph: Graph;
  readonly log: Logger;
  /** The informer of a kind that other controllers have, which is as good as one of our own. */
  readonly watched: (kind: Kind) => Informer | undefined;
}

/** A kind that is watched. */
interface Monitor {
  readonly informer: Informer;
  /** Ends it. */
  stop(): void;
}

/**
 * Informers of all kinds whose objects can be deleted: what they see goes into a graph. They see metadata alone, but for kinds
 * that others of the process see whole anyway: these are not sent and read twice.
 */
export class Monitors {
  readonly #parts: MonitorsParts;
  readonly #informers: InformerSet;
  readonly #running = new Map<string, Monitor>();

  constructor(parts: MonitorsParts) {
    this.#parts = parts;
    this.#informers = new InformerSet(parts.client, {
      clock: parts.clock,
      onError: (error, { kind }) => parts.log.warn('An informer failed, and tries again', { kind, error }),
    });
  }

  /** Begins, goes on until the signal is aborted, and resolves when what is there is in the graph. */
  async start(signal: AbortSignal): Promise<void> {
    void this.#informers.run(signal);
    await this.#update(signal);
    void this.#keepUp(signal);
    const { clock, log } = this.#parts;
    const late = new AbortController();
    const cancel = clock.after(SYNC_MS, () => late.abort());
    const either = AbortSignal.any([signal, late.signal]);
    // each informer listens to it
    setMaxListeners(0, either);
    const all = [...this.#running.values()].map(({ informer }) => informer.synced(either));
    await Promise.all(all).catch(() => {
      if (!signal.aborted) log.warn('Not all kinds could be read yet; garbage is collected all the same');
    });
    cancel();
  }

  async #keepUp(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(PERIOD_MS, this.#parts.clock, signal).catch(() => {});
      if (signal.aborted) return;
      await this.#update(signal);
    }
  }

  /** Starts the informers of kinds that are new, and stops those of kinds that are gone; when discovery fails, none. */
  async #update(signal: AbortSignal): Promise<void> {
    const { client, log } = this.#parts;
    let resources: readonly ServedResource[];
    try {
      resources = await preferredResources(client, ['delete', 'list', 'watch'], signal);
    } catch (error) {
      if (!signal.aborted) log.warn('Cannot find out which kinds there are; tries again', { error });
      return;
    }
    const wanted = new Map(resources.filter(isWatched).map((resource) => [textOf(resource), resource]));
    for (const [key, monitor] of this.#running) {
      if (wanted.has(key)) continue;
      this.#running.delete(key);
      monitor.stop();
    }
    for (const [key, resource] of wanted) if (!this.#running.has(key)) this.#running.set(key, this.#monitor(resource));
  }

  #monitor(resource: ServedResource): Monitor {
    const shared = this.#parts.watched(resource);
    if (shared !== undefined) return { informer: shared, stop: this.#follow(shared, resource) };
    const informer = this.#informers.informer(resource, { metadataOnly: true, transform: essential });
    this.#follow(informer, resource);
    return { informer, stop: () => void this.#informers.remove(informer) };
  }

  /** @returns ends it */
  #follow(informer: Informer, resource: ServedResource): () => void {
    const { graph } = this.#parts;
    return informer.handle({
      added: (object) => graph.observe(identityOf(resource, object), object),
      updated: (object, old) => {
        // another of the same name, whose coming nobody saw
        if (old.metadata.uid !== object.metadata.uid) graph.remove(identityOf(resource, old));
        const known = old.metadata.uid === object.metadata.uid ? old : undefined;
        graph.observe(identityOf(resource, object), object, known);
      },
      deleted: (object) => graph.remove(identityOf(resource, object)),
    });
  }
}

/** Events come and go in numbers, own nothing, and are owned by nobody. */
function isWatched({ group, resource }: ServedResource): boolean {
  return resource !== 'events' || !EVENT_GROUPS.includes(group);
}

function textOf({ group, version, resource }: ServedResource): string {
  return `${resource}.${version}.${group}`;
}

function identityOf({ apiVersion, kind }: ServedResource, { metadata }: KubeObject): Identity {
  const { namespace, name = '', uid = '' } = metadata;
  return { apiVersion, kind, name, uid, ...(namespace !== undefined && { namespace }) };
}

/** All that matters here, so that the metadata of all objects of a cluster take little memory. */
function essential(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, finalizers, ownerReferences } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(finalizers !== undefined && { finalizers }),
      ...(ownerReferences !== undefined && { ownerReferences }),
    },
  };
}
