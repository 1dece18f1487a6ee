import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { generalized, outcomeOf, type Outcome } from '../observe/outcome.ts';
import type { ObjectRef, OperatorRead } from '../observe/operator-write.ts';
import type { Interval, Session } from '../observe/session.ts';
import { ELSEWHERE, hasName, PREFIX, WORDS } from '../observe/words.ts';
import { noteOwnSpec } from './own-spec.ts';

/** The custom resource that an operator is probed with. */
export interface Subject {
  readonly group: string;
  /** The plural. */
  readonly resource: string;
  /** That of the sample. */
  readonly version: string;
  readonly isNamespaced: boolean;
  readonly sample: KubeObject;
  /** Of the spec; absent: the definition says nothing. */
  readonly schema?: JsonObject;
  /** Of the status; absent: the definition says nothing. */
  readonly statusSchema?: JsonObject;
}

/** A custom resource in a namespace of its own, and what the operator made of it. */
export interface Trial {
  readonly namespace: string;
  readonly name: string;
  readonly interval: Interval;
  /** What it wants of other objects, with {@link WORDS}. */
  readonly outcome: Outcome;
  /** What it read by name, and which resources it watched, with {@link WORDS}. */
  readonly reads: readonly OperatorRead[];
}

/** What a resource is made with, besides what the sample has. */
export interface Metadata {
  readonly name?: string;
  /** One that is there; absent: a fresh one. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Those that were made before stay; else they are deleted first, so that what goes on with them is over. */
  readonly besideOthers?: boolean;
}

/** Resources that are there, by session. */
const there = new WeakMap<Session, { readonly namespace: string; readonly name: string }[]>();

/** Deletes the resources that were made so far; what the operator does then is in namespaces of theirs. */
export async function cleanUp(session: Session, { sample, isNamespaced }: Subject): Promise<void> {
  const all = there.get(session)?.splice(0) ?? [];
  const kind = { apiVersion: sample.apiVersion!, kind: sample.kind! };
  await Promise.allSettled(
    all.map(({ namespace, name }) => session.env.client.delete(kind, isNamespaced ? { namespace, name } : { name })),
  );
}

/** Notes a resource that is there from now on. */
export function isThere(session: Session, namespace: string, name: string): void {
  const all = there.get(session) ?? [];
  there.set(session, all);
  all.push({ namespace, name });
}

let made = 0;

/** A name for a resource that no other text has in it. */
export function freshName(): string {
  // all are of one length: of what depends on that there is a probe
  return `probe-${(++made).toString(36).padStart(3, '0')}-q`;
}

/**
 * Makes a resource in a fresh namespace, and gives what came of it.
 *
 * @param spec instead of the sample's
 * @param as how it is called
 * @throws StatusError: the server refuses the resource
 */
export async function tryOut(session: Session, subject: Subject, spec?: JsonObject, as: Metadata = {}): Promise<Trial> {
  const { name = freshName(), namespace = await session.env.namespace(PREFIX), labels, annotations } = as;
  const resource = resourceOf(subject, namespace, name, spec);
  const { metadata } = resource;
  const given = {
    ...metadata,
    ...(labels && { labels: { ...metadata.labels, ...labels } }),
    ...(annotations && { annotations: { ...metadata.annotations, ...annotations } }),
  };
  let made: KubeObject | undefined;
  const interval = await session.during(async (client) => {
    if (as.besideOthers !== true) await cleanUp(session, subject);
    isThere(session, namespace, name);
    made = await client.create({ ...resource, metadata: given });
  });
  if (made !== undefined) await noteOwnSpec(session, subject, made, interval);
  return trialOf(subject, { namespace, name, interval });
}

/** The resource itself. */
export function resourceOf(subject: Subject, namespace: string, name: string, spec?: JsonObject): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = subject.sample;
  const { labels, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(subject.isNamespaced && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
    ...rest,
    ...(spec !== undefined && { spec }),
  } as KubeObject;
}

/** What a while comes to, for a resource that is called so. */
export function trialOf(
  subject: Subject,
  { namespace, name, interval }: Pick<Trial, 'namespace' | 'name' | 'interval'>,
): Trial {
  const words = new Map([
    [namespace, WORDS.namespace],
    [name, WORDS.name],
  ]);
  const isMeant = (ref: ObjectRef): boolean => !isOfOther(ref, { namespace, name });
  // others of its kind may be what it makes: copies, or parts
  const isItself = (ref: ObjectRef): boolean =>
    isOfSubject(subject, ref) && ref.name === name && isInPlace(ref.namespace);
  const isInPlace = (place: string): boolean => place === (subject.isNamespaced ? namespace : '');
  const others = interval.writes.filter((write) => !isItself(write) && isMeant(write));
  const reads = interval.reads.filter(isMeant);
  return {
    namespace,
    name,
    interval,
    outcome: generalized(outcomeOf(others), words),
    reads: reads.map((one) => ({
      ...one,
      namespace: wordIn(one.namespace, words),
      name: wordIn(one.name, words),
      ...(one.labelSelector && { labelSelector: wordIn(one.labelSelector, words) }),
      ...(one.fieldSelector && { fieldSelector: wordIn(one.fieldSelector, words) }),
    })),
  };
}

/** Whether an object is of the kind that the operator is probed with. */
export function isOfSubject({ group, resource }: Subject, ref: ObjectRef): boolean {
  return ref.group === group && ref.resource === resource;
}

/** Whether an object belongs to another trial, by its namespace or its name. */
export function isOfOther(
  ref: Pick<ObjectRef, 'namespace' | 'name'>,
  own: { readonly namespace: string; readonly name: string },
): boolean {
  if (ref.namespace === own.namespace) return false;
  if (ref.namespace.startsWith(`${PREFIX}-`) && !isElsewhere(ref.namespace)) return true;
  // a namespace may be called after a resource, as one that is made for a tenant
  const named = `${ref.namespace}/${ref.name}`;
  return hasName(named) && !named.includes(own.name);
}

function isElsewhere(namespace: string): boolean {
  return namespace.startsWith(ELSEWHERE);
}

function wordIn(text: string, words: ReadonlyMap<string, string>): string {
  let replaced = text;
  for (const [from, to] of words) replaced = replaced.replaceAll(from, to);
  return replaced;
}
