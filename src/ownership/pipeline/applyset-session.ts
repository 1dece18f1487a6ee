import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, isNoMatchError, listAll, type ServedKind } from 'nekube/client';
import {
  APPLYSET,
  applySetId,
  EMPTY_INVENTORY,
  type Inventory,
  parentConfiguration,
  parentManager,
  type ParentRef,
  readParent,
  showParent,
  type Tooling,
  unionOf,
} from './applyset.ts';
import { ApplySetError } from './applyset-parent.ts';
import { inParallel } from './parallel.ts';

/** How often a write of the parent begins anew because somebody else wrote it. */
const MOST_RACES = 20;

/** Which set, and who works on it. */
export interface ApplySetChoice {
  readonly parent: ParentRef;
  readonly tooling: Tooling;
}

/** What a session is told beside the set. */
export interface SessionOptions {
  /** Tells runs on one set apart: another for each. */
  readonly run: string;
  readonly signal: AbortSignal;
}

/**
 * One run's work on a set. Before anything is applied the parent states all kinds and namespaces that members are in or
 * will be in (`begin`), so that whatever happens no member is forgotten; when all is applied and pruned it states those
 * that are left (`finish`).
 *
 * Of runs that are on the way at the same time the one that began last prunes: `isOvertaken` tells the others. These say on
 * the parent when they have ended, for the one that prunes may have looked for members before theirs were there.
 */
export class ApplySetSession {
  readonly id: string;
  readonly #client: Client;
  readonly #choice: ApplySetChoice;
  readonly #options: SessionOptions;
  /** What the parent stated when this run began. */
  #before: Inventory = EMPTY_INVENTORY;
  /** What this run has and will have members of. */
  #own: Inventory = EMPTY_INVENTORY;
  /** Who had begun and ended, by the parent, when this run looked for members. */
  #seen: string | undefined;

  constructor(client: Client, choice: ApplySetChoice, options: SessionOptions) {
    this.#client = client;
    this.#choice = choice;
    this.#options = options;
    this.id = applySetId(choice.parent);
  }

  /** The set's parent, for people. */
  get shown(): string {
    return showParent(this.#choice.parent);
  }

  /** Looks at the parent, and whether this tool may work on the set. @throws ApplySetError */
  async look(): Promise<void> {
    const live = await this.#live();
    const { apiVersion, kind } = this.#choice.parent;
    if (live === undefined && apiVersion !== 'v1')
      throw new ApplySetError(
        `custom resource ApplySet parents cannot be created automatically; create ${kind} ${this.shown}`,
      );
    this.#before = this.#inventoryIn(live);
  }

  /** Has the parent state what members there are and will be. @throws ApplySetError, StatusError */
  async begin(own: Inventory): Promise<void> {
    this.#own = own;
    await this.#write(
      (live) => {
        this.#before = this.#inventoryIn(live);
        return unionOf(this.#before, own);
      },
      () => this.#options.run,
    );
  }

  /** Whether another run began since, or the set became another tool's. */
  async isOvertaken(): Promise<boolean> {
    return runsOn(await this.#live()).began !== this.#options.run;
  }

  /** The members that are not among the UIDs: what is not applied any more. */
  async membersBeside(applied: ReadonlySet<string>): Promise<KubeObject[]> {
    this.#seen = runsOn(await this.#live()).all;
    const { kinds, namespaces } = unionOf(this.#before, this.#own);
    const lists: { readonly kind: ServedKind; readonly namespace?: string }[] = [];
    for (const kind of await this.#servedKinds(kinds)) {
      if (!kind.namespaced) lists.push({ kind });
      else for (const namespace of namespaces) lists.push({ kind, namespace });
    }
    const members: KubeObject[] = [];
    const { signal } = this.#options;
    await inParallel(lists, 8, async ({ kind, namespace }) => {
      const { items } = await listAll(this.#client, kind, {
        labelSelector: `${APPLYSET.partOf}=${this.id}`,
        metadataOnly: true,
        signal,
        ...(namespace !== undefined && { namespace }),
      });
      for (const item of items)
        if (!applied.has(item.metadata.uid!)) members.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind });
    });
    return members;
  }

  /**
   * Has the parent state what is left: this run's members, or, if it was overtaken, also those of the others.
   *
   * @param kept what is not applied any more and could not go
   */
  async finish(overtaken: boolean, kept: Inventory): Promise<void> {
    const { run } = this.#options;
    const left = unionOf(this.#own, kept);
    if (!overtaken) {
      const done = await this.#write(
        (live) => (runsOn(live).all === this.#seen ? left : undefined),
        () => run,
      );
      if (done) return;
    }
    // the other may have looked for members, or stated what is left, before this run's last member was there
    await this.#write(
      (live) => unionOf(this.#inventoryIn(live), left),
      (live) => `${runsOn(live).began}/${run}`,
    );
  }

  async #live(): Promise<KubeObject | undefined> {
    const { apiVersion, kind, namespace, name } = this.#choice.parent;
    const { signal } = this.#options;
    const key = { name, ...(namespace !== '' && { namespace }) };
    try {
      return await this.#client.get({ apiVersion, kind }, key, { metadataOnly: true, signal });
    } catch (error) {
      if (isStatusError(error, 'NotFound') || isNoMatchError(error)) return undefined;
      throw error;
    }
  }

  #inventoryIn(live: KubeObject | undefined): Inventory {
    if (live === undefined) return EMPTY_INVENTORY;
    const { parent, tooling } = this.#choice;
    const found = readParent(parent, live, tooling);
    if (typeof found === 'string') throw new ApplySetError(found);
    return found;
  }

  /**
   * Reads the parent and writes what `inventoryOf` makes of it, again if somebody wrote it in between; nothing is written
   * where it gives undefined.
   *
   * @param runsOf what the parent says of runs then
   */
  async #write(
    inventoryOf: (live: KubeObject | undefined) => Inventory | undefined,
    runsOf: (live: KubeObject | undefined) => string,
  ): Promise<boolean> {
    const { parent, tooling } = this.#choice;
    for (let races = 0; ; races++) {
      try {
        const live = (await this.#live()) ?? (await this.#create());
        const inventory = inventoryOf(live);
        if (inventory === undefined) return false;
        const resourceVersion = live.metadata.resourceVersion!;
        await this.#apply(parentConfiguration(parent, inventory, { tooling, run: runsOf(live), resourceVersion }));
        return true;
      } catch (error) {
        const isRace = isStatusError(error, 'Conflict') || isStatusError(error, 'AlreadyExists');
        if (!isRace || races === MOST_RACES) throw error;
      }
    }
  }

  /** Makes a parent of nothing: an apply would not fail where another run has made it meanwhile, and would take its inventory away. */
  async #create(): Promise<KubeObject> {
    const { parent, tooling } = this.#choice;
    const fieldManager = parentManager(tooling);
    const { signal } = this.#options;
    return this.#client.create(parentConfiguration(parent, EMPTY_INVENTORY, { tooling }), { fieldManager, signal });
  }

  /** The labels and annotations of the contract are the tool's, whoever wrote them. */
  async #apply(configuration: ReturnType<typeof parentConfiguration>): Promise<void> {
    const fieldManager = parentManager(this.#choice.tooling);
    const { signal } = this.#options;
    await this.#client.apply<KubeObject>(configuration as never, { fieldManager, force: true, signal });
  }

  /** How kinds are served; one that is not served any more has no objects. */
  async #servedKinds(kinds: ReadonlySet<string>): Promise<ServedKind[]> {
    const found: ServedKind[] = [];
    for (const entry of kinds) {
      const dot = entry.indexOf('.');
      const [kind, group] = dot < 0 ? [entry, ''] : [entry.slice(0, dot), entry.slice(dot + 1)];
      const served = await this.#servedKind(group, kind);
      if (served !== undefined) found.push(served);
    }
    return found;
  }

  async #servedKind(group: string, kind: string): Promise<ServedKind | undefined> {
    for (const apiVersion of await this.#versionsOf(group)) {
      try {
        return await this.#client.served({ apiVersion, kind });
      } catch (error) {
        if (!isNoMatchError(error)) throw error;
      }
    }
    return undefined;
  }

  /** The preferred first. */
  async #versionsOf(group: string): Promise<string[]> {
    if (group === '') return ['v1'];
    const { signal } = this.#options;
    try {
      const answer = (await this.#client.raw({ method: 'GET', path: `/apis/${group}`, headers: {}, signal })) as {
        readonly versions?: readonly { readonly groupVersion: string }[];
      } | null;
      return (answer?.versions ?? []).map(({ groupVersion }) => groupVersion);
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return [];
      throw error;
    }
  }
}

/** What the parent says of runs: who began last, and after a slash who ended last of those that it overtook. */
function runsOn(live: KubeObject | undefined): {
  readonly began: string | undefined;
  readonly all: string | undefined;
} {
  const all = live?.metadata.annotations?.[APPLYSET.run];
  return { began: all?.split('/')[0], all };
}
