import { type KubeObject, newAlreadyExists } from 'nekube/apimachinery';
import type { Kind, ObjectKey } from 'nekube/client';
import type { Manager, NewEvent, ObjectContext, ReconcileResult } from 'nekube/controller';
import { WEEKLY_API } from '../../resources/kinds.ts';

type Requests = readonly ObjectKey[] | Promise<readonly ObjectKey[]>;
type Reconcile = (key: ObjectKey, context: ObjectContext) => Promise<ReconcileResult | undefined>;

/** What one reconcile came to. */
export interface Decided {
  /** The status that it applied. */
  readonly status: Record<string, unknown> | undefined;
  /** Objects that it created, and statuses that it applied by the client. */
  readonly written: readonly KubeObject[];
  readonly events: readonly NewEvent[];
  readonly result: ReconcileResult | undefined;
}

/**
 * A newsroom of objects that are as they are: controllers are added to it, and one of them decides about an object at a time. What it
 * writes is kept apart, so that each decision is of the same objects.
 */
export class Desk {
  readonly objects: readonly KubeObject[];
  readonly #indices = new Map<string, (object: KubeObject) => readonly string[]>();
  readonly #reconciles = new Map<string, Reconcile>();
  readonly #wakes = new Map<string, ((object: KubeObject) => Requests)[]>();

  constructor(objects: readonly KubeObject[]) {
    this.objects = objects;
  }

  /** As far as controllers of a newsroom need one. */
  get manager(): Manager {
    const builder = (name: string) => {
      const wakes: ((object: KubeObject) => Requests)[] = [];
      this.#wakes.set(name, wakes);
      const self = {
        for: () => self,
        watches: (kind: Kind<KubeObject>, keys: (object: KubeObject) => Requests) => {
          wakes.push((object) => (object.kind === kind.kind ? keys(object) : []));
          return self;
        },
        reconcile: (reconcile: Reconcile) => void this.#reconciles.set(name, reconcile),
      };
      return self;
    };
    return {
      controller: builder,
      addIndex: (kind: Kind<KubeObject>, name: string, keys: (object: KubeObject) => readonly string[]) =>
        void this.#indices.set(`${kind.kind} ${name}`, keys),
      reader: this.#reader,
    } as unknown as Manager;
  }

  /** The names of those about which a controller decides anew when an object changes, besides that object. */
  async wakes(controller: string, object: KubeObject): Promise<readonly string[]> {
    const all = await Promise.all((this.#wakes.get(controller) ?? []).map((keys) => keys(object)));
    return [...new Set(all.flat().map(({ name }) => name))].sort();
  }

  /** What a controller decides about an object. */
  async decide(controller: string, kind: Kind<KubeObject>, name: string): Promise<Decided> {
    const object = this.objects.find((one) => one.kind === kind.kind && one.metadata.name === name);
    let status: Record<string, unknown> | undefined;
    const written: KubeObject[] = [];
    const events: NewEvent[] = [];
    const write = async (one: KubeObject): Promise<KubeObject> => {
      written.push(one);
      return one;
    };
    const create = async (one: KubeObject): Promise<KubeObject> => {
      if (this.objects.some((there) => there.kind === one.kind && there.metadata.name === one.metadata.name))
        throw newAlreadyExists({ group: '', resource: one.kind! }, one.metadata.name!);
      return await write(one);
    };
    const context = {
      object,
      reader: this.#reader,
      client: { create, apply: write, get: async () => object },
      signal: new AbortController().signal,
      applyStatus: async (given: Record<string, unknown>) => void (status = given),
      record: (event: NewEvent) => void events.push(event),
    } as unknown as ObjectContext;
    const result = await this.#reconciles.get(controller)!({ namespace: 'default', name }, context);
    return { status, written, events, result };
  }

  get #reader() {
    const ofKind = (kind: Kind<KubeObject>) => this.objects.filter((one) => one.kind === kind.kind);
    return {
      get: async (kind: Kind<KubeObject>, { name }: ObjectKey) =>
        ofKind(kind).find(({ metadata }) => metadata.name === name),
      list: async (kind: Kind<KubeObject>) => ofKind(kind),
      byIndex: async (kind: Kind<KubeObject>, index: string, value: string) =>
        ofKind(kind).filter((one) => this.#indices.get(`${kind.kind} ${index}`)!(one).includes(value)),
    };
  }
}

/** An object of the newsroom. */
export function of<T extends KubeObject>(
  kind: Kind<T>,
  name: string,
  spec: object,
  more: { readonly status?: object; readonly created?: string; readonly deleted?: boolean } = {},
): T {
  const { status, created = '2031-03-01T00:00:00Z', deleted } = more;
  const metadata = {
    name,
    namespace: 'default',
    uid: name,
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: created,
    ...(deleted && { deletionTimestamp: created }),
  };
  const object = { apiVersion: WEEKLY_API, kind: kind.kind, metadata, spec, ...(status && { status }) };
  return object as unknown as T;
}
