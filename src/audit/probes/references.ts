import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { differencesOf, type OutcomeDifference } from '../observe/outcome.ts';
import { type ObjectRef, type OperatorRead, refKey, shownRef } from '../observe/operator-write.ts';
import { kindName } from '../trail/request.ts';
import type { Interval } from '../observe/session.ts';
import { shownDifference } from '../observe/shown-difference.ts';
import { PREFIX, withWords, WORDS } from '../observe/words.ts';
import type { Finding } from '../verdict/finding.ts';
import { childrenOf, merge, type ProbeContext, read, remove } from './probe.ts';
import { changeOf, readyStatusOf, type Template, templateOf } from './reference-object.ts';
import { freshName, isOfSubject, type Trial, tryOut } from './subject.ts';
import { type Wish, shownWish, wishesOf, withFields } from './wishes.ts';

/** Nodes and namespaces come and go in probes of their own. */
const ELSEWHERE_MADE = new Set(['/nodes', '/namespaces']);

/**
 * Objects that it reads, selects or watches and did not make, of whichever kind: they are there, by the names that it asked for, with the
 * labels and fields that it selects, and by names that stand in the spec; then they are changed. What it writes otherwise, it writes by them.
 */
export async function probeReferences(context: ProbeContext, first: Interval): Promise<readonly Finding[]> {
  const { base, subject } = context;
  const evidence: string[] = [];
  const left: string[] = [];
  const foreign = [...first.reads, ...base.reads].filter((one) => !isOwn(context, one));
  for (const [key, reads] of byResource(foreign)) {
    const isSelected = reads.some(({ labelSelector, fieldSelector }) => labelSelector ?? fieldSelector);
    if (ELSEWHERE_MADE.has(key) && !isSelected) continue;
    const tried = await new Reference(context, reads[0]!).try(wishesOf(reads, subject.sample.spec));
    if (tried === undefined) left.push(kindName(reads[0]!));
    else if (tried.lines.length === 0) tellLimits(context, reads, tried);
    else evidence.push(...tried.lines);
  }
  if (left.length > 0)
    context.limit(
      `it reads or watches what is neither made nor changed here, and what it does by that is not known: ${left.sort().join(', ')}`,
    );
  const gets = base.reads
    .filter((one) => one.verb === 'get' && !isOwn(context, one))
    .map((one) => `${READ}${shownRef(one)}`);
  const all = [...new Set([...gets, ...evidence])];
  return all.length === 0
    ? []
    : [{ aspect: 'reads-other', probe: 'objects that it reads are made and changed', evidence: all }];
}

const READ = 'it reads ';

/** Whether a finding has that it does otherwise by objects that were made, and not only that it reads them. */
export function isByReference({ aspect, evidence }: Finding): boolean {
  return aspect === 'reads-other' && evidence.some((line) => !line.startsWith(READ));
}

/** What is not known of a resource that it reads or watches, of which objects changed nothing. */
function tellLimits(
  { base, alsoProbed, limit, watchLimit }: ProbeContext,
  reads: readonly OperatorRead[],
  { isCustom }: Tried,
): void {
  const { group, resource } = reads[0]!;
  const kind = kindName({ group, resource });
  if (isCustom) {
    // of its kind it may be as well as the one that is probed
    if (!alsoProbed.includes(kind) && reads.some(({ verb }) => verb !== 'get'))
      limit(
        `it watches ${kind} as well: one was made and changed, and what it makes of these was not probed (--kind, --sample FILE with one)`,
      );
    return;
  }
  const isMade = childrenOf(base).some((child) => child.group === group && child.resource === resource);
  const isAny = reads.some(
    ({ verb, labelSelector, fieldSelector }) => verb !== 'get' && !labelSelector && !fieldSelector,
  );
  if (isAny && !isMade)
    watchLimit(
      kind,
      `it lists or watches ${kind}: one was made and changed, which changed nothing; what it does by such with labels, types or values that it knows is not known`,
    );
}

/** An object that was made. */
interface Made {
  readonly ref: ObjectRef;
  readonly wish: Wish;
}

/** What objects of a resource show. */
interface Tried {
  readonly isCustom: boolean;
  readonly lines: readonly string[];
}

/** Of what it makes itself it may read more than it made, by watches and lists. */
function isOwn({ subject, base }: ProbeContext, read: OperatorRead): boolean {
  if (isOfSubject(subject, read)) return true;
  return read.verb === 'get' && childrenOf(base).some((child) => isSame(child, read));
}

function byResource(reads: readonly OperatorRead[]): ReadonlyMap<string, OperatorRead[]> {
  const all = new Map<string, OperatorRead[]>();
  for (const read of reads) {
    const key = `${read.group}/${read.resource}`;
    all.set(key, [...(all.get(key) ?? []), read]);
  }
  return all;
}

function isSame(a: ObjectRef, b: ObjectRef): boolean {
  return a.group === b.group && a.resource === b.resource && a.namespace === b.namespace && a.name === b.name;
}

/** Whether an object, or the namespace where it is, has a name in its own. */
function isCalledAfter({ namespace, name }: ObjectRef, of: string): boolean {
  return name.includes(of) || (namespace !== WORDS.namespace && namespace.includes(of));
}

/** How what nobody named is called. */
const UNNAMED = 'audit-reference';

/** One resource, of which objects are made. */
class Reference {
  readonly #context: ProbeContext;
  readonly #group: string;
  readonly #resource: string;
  /** The resource that is probed with them. */
  readonly #own = { name: freshName(), namespace: '' };
  readonly #made: Made[] = [];
  /** What the operator wrote when they came, before there was the resource that is probed. */
  readonly #alone = new Set<string>();

  constructor(context: ProbeContext, { group, resource }: Pick<ObjectRef, 'group' | 'resource'>) {
    this.#context = context;
    this.#group = group;
    this.#resource = resource;
  }

  /** What it does otherwise by them; undefined: none could be made. */
  async try(wishes: readonly Wish[]): Promise<Tried | undefined> {
    const { session, subject, samples } = this.#context;
    const template = await templateOf(session.env.client, this.#group, this.#resource, samples);
    if (template === undefined) return undefined;
    this.#own.namespace = await session.env.namespace(PREFIX);
    try {
      const { writes } = await session.during(async () => {
        for (const wish of wishes) await this.#make(template, wish);
      });
      if (this.#made.length === 0) return undefined;
      if (template.isCustom) for (const write of writes) this.#alone.add(refKey(write));
      const trial = await tryOut(session, subject, undefined, this.#own);
      const words = `${kindName({ group: this.#group, resource: this.#resource })} ${this.#words()}`;
      const lines = [
        ...this.#lines(template, this.#differences(trial)).map((line) => `with ${words}: ${line}`),
        ...this.#lines(template, await this.#change(template)).map((line) => `${words} changed; then ${line}`),
      ];
      return { isCustom: template.isCustom, lines };
    } finally {
      await this.#remove();
    }
  }

  async #make({ apiVersion, kind, isNamespaced, bodies }: Template, wish: Wish): Promise<void> {
    const { base, session } = this.#context;
    const name = this.#named(wish.name ?? `${UNNAMED}-${this.#made.length + 1}`);
    const namespace = isNamespaced ? this.#named(wish.namespace) || this.#own.namespace : '';
    const ref = { group: this.#group, resource: this.#resource, subresource: '', namespace, name };
    // one that it makes itself, or that is there
    if (childrenOf(base).some((child) => isSame(this.#inTrial(child), ref))) return;
    const metadata = {
      name,
      ...(isNamespaced && { namespace }),
      ...(wish.labels && { labels: this.#values(wish.labels) }),
    };
    for (const body of bodies) {
      const object = withFields({ apiVersion, kind, ...body, metadata }, this.#values(wish.fields));
      try {
        await session.env.client.create(object as unknown as KubeObject);
        this.#made.push({ ref, wish });
        return;
      } catch (error) {
        if (!isStatusError(error)) throw error;
      }
    }
  }

  /** How what it makes differs from what it makes of the sample without them. */
  #differences(trial: Trial): readonly OutcomeDifference[] {
    const { base, gap } = this.#context;
    if (trial.outcome.size > 0 || base.outcome.size === 0) return differencesOf(base.outcome, trial.outcome);
    gap(`${this.#resource} that it reads are there: nothing was made then, which may have other reasons`);
    return [];
  }

  /** They say something else, then they are ready. */
  async #change(template: Template): Promise<readonly OutcomeDifference[]> {
    const said = await this.#each((ref, object) => merge(this.#client, ref, changeOf(object, template)));
    if (readyStatusOf({ kind: template.kind, metadata: {} } as KubeObject) === undefined) return said;
    const ready = await this.#each(async (ref, object) => {
      const status = readyStatusOf(object);
      if (status !== undefined) await merge(this.#client, { ...ref, subresource: 'status' }, { status });
    });
    return [...said, ...ready];
  }

  async #each(work: (ref: ObjectRef, object: KubeObject) => Promise<unknown>): Promise<readonly OutcomeDifference[]> {
    const { changes } = await this.#context.session.during(async () => {
      for (const { ref } of this.#made) {
        const object = await read(this.#client, ref);
        // what the server refuses stays as it is
        if (object !== undefined) await work(ref, object).catch(() => undefined);
      }
    });
    return changes;
  }

  /** What stays would be there for trials that come later. */
  async #remove(): Promise<void> {
    await this.#context.session.during(async () => {
      for (const { ref } of this.#made) await remove(this.#client, ref).catch(() => undefined);
    });
  }

  /** Differences in others than what was made here, and, of custom resources, than what comes of those by themselves. */
  #lines({ isCustom }: Template, differences: readonly OutcomeDifference[]): readonly string[] {
    const { subject, isRandom, base } = this.#context;
    const isOfMade = (ref: ObjectRef): boolean =>
      this.#made.some(
        (one) =>
          isSame(one.ref, this.#inTrial(ref)) ||
          (isCustom && isCalledAfter(ref, one.ref.name) && !base.outcome.has(refKey(ref))),
      ) ||
      (this.#alone.has(refKey(this.#inTrial(ref))) && !base.outcome.has(refKey(ref)));
    const general = differences
      .map((one) => ({
        ...one,
        ref: { ...one.ref, namespace: withWords(one.ref.namespace), name: withWords(one.ref.name) },
      }))
      .filter(({ ref }) => !isOfSubject(subject, ref) && !isOfMade(ref));
    return [...new Set(general.filter((one) => !isRandom(one)).map(shownDifference))];
  }

  #words(): string {
    return this.#made.map(({ wish, ref }) => shownWish(wish) || ref.name).join(' and ');
  }

  #named(text: string): string {
    return text.replaceAll(WORDS.name, this.#own.name).replaceAll(WORDS.namespace, this.#own.namespace);
  }

  #values(of: Readonly<Record<string, string>> = {}): Record<string, string> {
    return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, this.#named(value)]));
  }

  #inTrial(ref: ObjectRef): ObjectRef {
    return { ...ref, namespace: this.#named(ref.namespace), name: this.#named(ref.name) };
  }

  get #client(): Client {
    return this.#context.session.env.client;
  }
}
