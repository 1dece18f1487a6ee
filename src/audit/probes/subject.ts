import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { generalized, outcomeOf, type Outcome } from '../observe/outcome.ts';
import type { ObjectRef, OperatorRead } from '../observe/operator-write.ts';
import type { Interval, Session } from '../observe/session.ts';
import { WORDS } from '../observe/words.ts';

export { WORDS };

/** The custom resource that an operator is probed with. */
export interface Subject {
  readonly group: string;
  /** The plural. */
  readonly resource: string;
  readonly isNamespaced: boolean;
  readonly sample: KubeObject;
  /** Of the spec; absent: the definition says nothing. */
  readonly schema?: JsonObject;
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

/** What the names of the namespaces that are made begin with. */
export const PREFIX = 'audit';

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
 * @throws StatusError: the server refuses the resource
 */
export async function tryOut(session: Session, subject: Subject, spec?: JsonObject): Promise<Trial> {
  const namespace = await session.env.namespace(PREFIX);
  const name = freshName();
  const interval = await session.during((client) => client.create(resourceOf(subject, namespace, name, spec)));
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
  const others = interval.writes.filter((write) => !isOfSubject(subject, write));
  const reads = JSON.parse(JSON.stringify(interval.reads)) as OperatorRead[];
  return {
    namespace,
    name,
    interval,
    outcome: generalized(outcomeOf(others), words),
    reads: reads.map((read) => ({ ...read, namespace: wordIn(read.namespace, words), name: wordIn(read.name, words) })),
  };
}

/** Whether an object is of the kind that the operator is probed with. */
export function isOfSubject({ group, resource }: Subject, ref: ObjectRef): boolean {
  return ref.group === group && ref.resource === resource;
}

/** The same with words for the names that are made here, of whichever trial they are. */
export function withWords(text: string): string {
  return text
    .replace(/probe-[a-z0-9]+-q/g, WORDS.name)
    .replace(new RegExp(`\\b${PREFIX}-[a-z0-9]+\\b`, 'g'), WORDS.namespace);
}

function wordIn(text: string, words: ReadonlyMap<string, string>): string {
  let replaced = text;
  for (const [from, to] of words) replaced = replaced.replaceAll(from, to);
  return replaced;
}
