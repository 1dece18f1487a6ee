import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { APPLYSET, applySetId, inventoryOfObjects, showParent } from './applyset.ts';
import { ApplySetSession } from './applyset-session.ts';
import { awaitReady } from './await-ready.ts';
import { Entry } from './entry.ts';
import { lookAtAll } from './look-at-all.ts';
import { type Manifest, showObject } from './manifest.ts';
import { pruneMembers } from './prune.ts';
import { type ApplyReport, ordered, type Outcome, type PrunedReport } from './report.ts';
import { type ApplyRunOptions, failureText, newContext, type RunContext } from './run-context.ts';
import { stillNeeded } from './still-needed.ts';
import { whyNotReady } from './why-not-ready.ts';
import { writeAll, writeOne } from './write-all.ts';

/**
 * Applies objects to a cluster: looks at all of them first, and writes nothing if one is refused or in conflict; then
 * writes them in the order of `STAGES`, waits until they are ready if that is asked for, and removes what a set has beside
 * them.
 *
 * May be ended at any point, by a signal or by the end of the process, and begun anew: what is there already is left as it
 * is, and a set's parent knows of every member before that is written.
 *
 * @throws ApplySetError if the set is not this tool's; ConnectionError if there is no server. Nothing was written then.
 */
export async function applyManifests(
  client: Client,
  manifests: readonly Manifest[],
  options: ApplyRunOptions,
): Promise<ApplyReport> {
  const { context, dispose } = newContext(client, options);
  try {
    const { applySet } = options;
    const labelled =
      applySet === undefined ? manifests : manifests.map((one) => asMember(one, applySetId(applySet.parent)));
    return ordered(await new ApplyRun(context, labelled).run());
  } finally {
    dispose();
  }
}

/** What is wrong with manifests that are to be members of a set: they must not say themselves what they belong to. */
export function membershipProblems(manifests: readonly Manifest[]): string[] {
  return manifests
    .filter(({ configuration }) => Object.hasOwn(configuration.metadata.labels ?? {}, APPLYSET.partOf))
    .map(({ place }) => `${place}: ApplySet label ${JSON.stringify(APPLYSET.partOf)} already set in input data`);
}

function asMember({ configuration, place }: Manifest, id: string): Manifest {
  const { metadata } = configuration;
  const labels = { ...metadata.labels, [APPLYSET.partOf]: id };
  return { place, configuration: { ...configuration, metadata: { ...metadata, labels } } };
}

class ApplyRun {
  readonly #context: RunContext;
  readonly #entries: readonly Entry[];
  readonly #session: ApplySetSession | undefined;
  #pruned: PrunedReport[] = [];

  constructor(context: RunContext, manifests: readonly Manifest[]) {
    const { client, applySet, random, hardSignal: signal } = context;
    this.#context = context;
    this.#entries = manifests.map((manifest) => new Entry(manifest));
    const run = random().toString(36).slice(2, 12);
    this.#session = applySet && new ApplySetSession(client, applySet, { run, signal });
  }

  async run(): Promise<ApplyReport> {
    const { mode, retrying } = this.#context;
    if (this.#session !== undefined) await retrying(() => this.#session!.look());
    await lookAtAll(this.#entries, this.#context);
    const planned = this.#plannedOutcome();
    if (mode === 'plan') {
      if (planned !== 'interrupted') await this.#prune();
      return this.#report(planned);
    }
    if (planned === 'conflicts') await this.#ask();
    if (planned !== 'planned') return this.#report(planned);
    await this.#beginSet();
    return this.#report(await this.#apply());
  }

  /** What is to be said if nothing is written. */
  #plannedOutcome(): Outcome {
    if (this.#context.signal.aborted) return 'interrupted';
    if (this.#has('failed')) return 'failed';
    return this.#has('conflict') ? 'conflicts' : 'planned';
  }

  /** A server that keeps an apply until a person has decided only keeps one that is no dry run. */
  async #ask(): Promise<void> {
    const { writer, notes, hardSignal, retrying } = this.#context;
    for (const { action, outlook, configuration, id } of this.#entries) {
      if (action !== 'conflict' || outlook?.asks !== true) continue;
      notes.push(`${showObject(id)} ${await retrying(() => writer.ask(configuration, outlook.live!, hardSignal))}`);
    }
  }

  async #apply(): Promise<Outcome> {
    const { signal, wait, notes } = this.#context;
    for (const entry of this.#entries) this.#begin(entry);
    await writeAll(this.#entries, this.#context);
    if (signal.aborted) return 'interrupted';
    const isWritten = this.#entries.every(({ object, action }) => object !== undefined && action !== 'failed');
    const isReady = wait === undefined || (await this.#wait(wait.timeoutMs));
    if (signal.aborted) return 'interrupted';
    if (!isWritten || !isReady) {
      if (this.#session !== undefined) notes.push('nothing was pruned, because not all was applied and became ready');
      if (isWritten) return 'not ready';
      return this.#has('failed') || this.#has('not applied') || !this.#has('conflict') ? 'failed' : 'conflicts';
    }
    return this.#pruneAndFinish();
  }

  /** What is as it should be is not written again. */
  #begin(entry: Entry): void {
    if (entry.object !== undefined) return;
    const live = entry.outlook?.live;
    const { expected } = entry;
    entry.end('not applied');
    if (live !== undefined && expected === 'unchanged') {
      entry.object = live;
      entry.end('unchanged');
    }
  }

  /** The parent may be in a namespace that is about to come. */
  async #beginSet(): Promise<void> {
    const { applySet, retrying } = this.#context;
    if (applySet === undefined) return;
    const { namespace } = applySet.parent;
    const home = this.#entries.find(({ id }) => id.kind === 'Namespace' && id.group === '' && id.name === namespace);
    if (home !== undefined && home.outlook?.live === undefined) await writeOne(home, this.#context);
    await retrying(() => this.#session!.begin(inventoryOfObjects(this.#entries.map(({ id }) => id))));
  }

  async #wait(timeoutMs: number): Promise<boolean> {
    const { client, clock, signal, hardSignal, onProgress } = this.#context;
    const written = this.#entries.filter(({ object }) => object !== undefined);
    const known = await awaitReady(
      client,
      written.map(({ object }) => object!),
      {
        timeoutMs,
        clock,
        signal,
        onProgress: (waiting, total) =>
          onProgress?.({ phase: 'waiting', done: total - waiting.length, total, waiting }),
      },
    );
    for (const entry of written) entry.readiness = known.get(entry.key)!;
    const unready = written.filter(({ readiness }) => readiness!.state !== 'Current');
    for (const entry of unready) {
      if (signal.aborted) break;
      const { apiVersion, kind, metadata } = entry.object!;
      const newest = await client
        .get<KubeObject>({ apiVersion: apiVersion!, kind: kind! }, metadata as { name: string }, { signal: hardSignal })
        .catch(() => entry.object!);
      const details = await whyNotReady(client, { ...newest, apiVersion, kind } as KubeObject, hardSignal);
      entry.readiness = { ...entry.readiness!, details };
    }
    return unready.length === 0;
  }

  async #pruneAndFinish(): Promise<Outcome> {
    const { notes, signal } = this.#context;
    const session = this.#session;
    if (session === undefined) return 'applied';
    try {
      const isOvertaken = await session.isOvertaken();
      if (isOvertaken) notes.push('another apply of the same set began meanwhile: pruning was left to it');
      else await this.#prune();
      if (signal.aborted) return 'interrupted';
      if (this.#pruned.some(({ action }) => action === 'failed')) return 'failed';
      const kept = this.#pruned.filter(({ action }) => action === 'kept');
      await session.finish(isOvertaken, inventoryOfObjects(kept));
      return 'applied';
    } catch (error) {
      notes.push(`all was applied, and pruning failed: ${failureText(error)}`);
      return 'failed';
    }
  }

  async #prune(): Promise<void> {
    if (this.#session === undefined) return;
    const objects = this.#entries.map(({ object, outlook }) => object ?? outlook?.live);
    const uids = new Set(objects.map((object) => object?.metadata.uid ?? ''));
    const applied = { uids, keys: new Set(this.#entries.map(({ key }) => key)) };
    const { client, applySet, retrying } = this.#context;
    const neededFor = await retrying(() => stillNeeded(client, this.#entries, applySet!.parent.namespace));
    this.#pruned = await pruneMembers(this.#session, applied, neededFor, this.#context);
  }

  #has(action: Entry['action']): boolean {
    return this.#entries.some((entry) => entry.action === action);
  }

  #report(outcome: Outcome): ApplyReport {
    const { mode, manager, applySet, notes } = this.#context;
    // what was expected has not come to be
    if (mode === 'apply' && (outcome === 'conflicts' || outcome === 'failed' || outcome === 'interrupted'))
      for (const entry of this.#entries)
        if (entry.object === undefined && ['created', 'configured', 'unchanged'].includes(entry.action))
          entry.end('not applied');
    return {
      mode,
      manager,
      outcome,
      ...(applySet !== undefined && {
        applySet: {
          parent: showParent(applySet.parent),
          namespace: applySet.parent.namespace,
          id: applySetId(applySet.parent),
        },
      }),
      objects: this.#entries.map((entry) => entry.report()),
      pruned: this.#pruned,
      notes,
    };
  }
}
