import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { differencesOf, type Outcome, type OutcomeDifference } from '../observe/outcome.ts';
import { shownDifference } from '../observe/shown-difference.ts';
import { isPlace, type ObjectRef, shownRef } from '../observe/operator-write.ts';
import type { Interval, Session } from '../observe/session.ts';
import type { Finding } from '../verdict/finding.ts';
import { WORDS, withWords } from '../observe/words.ts';
import { isOfSubject, type Subject, type Trial } from './subject.ts';
import type { Unknowns } from './unknowns.ts';
import type { RegisteredWebhook } from './webhooks.ts';

/** What probes work with. */
export interface ProbeContext extends Pick<Unknowns, 'gap' | 'cut' | 'limit' | 'watchLimit'> {
  readonly session: Session;
  readonly subject: Subject;
  /** What the operator makes of the sample. */
  readonly base: Trial;
  /** Whether a place differs each time anyway, so that a difference there says nothing. */
  readonly isRandom: (difference: OutcomeDifference) => boolean;
  /** Those that the API server asks. */
  readonly webhooks: readonly RegisteredWebhook[];
  /** Kinds that it is probed with at another time, as in `malls.shop.example`. */
  readonly alsoProbed: readonly string[];
  /** How resources of other kinds look. */
  readonly samples: readonly KubeObject[];
}

/** One intervention, or several alike, and what they showed. */
export type Probe = (context: ProbeContext) => Promise<readonly Finding[]>;

/** How two outcomes differ, as lines, besides what differs each time. */
export function linesOf({ isRandom }: Pick<ProbeContext, 'isRandom'>, from: Outcome, to: Outcome): string[] {
  return differencesOf(from, to)
    .filter((difference) => !isRandom(difference))
    .map(shownDifference);
}

/** How the outcome of a trial differs from the sample's, as lines; that nothing was made at all may have other reasons, and is a gap. */
export function differsBy(
  context: Pick<ProbeContext, 'isRandom' | 'base' | 'gap'>,
  trial: Trial,
  what: string,
): string[] {
  const { base, gap } = context;
  if (trial.outcome.size > 0 || base.outcome.size === 0) return linesOf(context, base.outcome, trial.outcome);
  gap(`${what}: nothing was made then, which may have other reasons`);
  return [];
}

/** Where it wants something else since an interval began, of others than the resources themselves, besides what differs each time. */
export function changesIn(
  { subject, isRandom }: Pick<ProbeContext, 'subject' | 'isRandom'>,
  { changes }: Interval,
): string[] {
  const general = changes
    .filter(({ ref }) => !isOfSubject(subject, ref))
    .map((one) => ({
      ...one,
      ref: { ...one.ref, namespace: withWords(one.ref.namespace), name: withWords(one.ref.name) },
    }));
  return [...new Set(general.filter((one) => !isRandom(one)).map(shownDifference))];
}

/** What it wrote again in an interval, though it wants the same. */
export function rewritesIn({ subject }: Pick<ProbeContext, 'subject'>, { writes }: Interval): string[] {
  const others = writes.filter((write) => !isOfSubject(subject, write) && write.code < 300);
  return [...new Set(others.map((write) => withWords(`${write.verb} ${shownRef(write)}`)))];
}

/** The objects that the operator made for a trial, which are there now. */
export function childrenOf({ outcome }: Trial): readonly ObjectRef[] {
  const wanted = [...outcome.values()].filter(({ content, ref }) => content !== undefined && ref.subresource === '');
  return wanted.map(({ ref }) => ref);
}

/** A reference of an outcome, as it is called in a trial. */
export function inTrial(ref: ObjectRef, { namespace, name }: Trial): ObjectRef {
  const real = (text: string): string => text.replaceAll(WORDS.namespace, namespace).replaceAll(WORDS.name, name);
  return { ...ref, namespace: real(ref.namespace), name: real(ref.name) };
}

/** Reads an object by its reference; undefined: it is not there. */
export async function read(client: Client, ref: ObjectRef): Promise<KubeObject | undefined> {
  try {
    return (await client.raw({ method: 'GET', path: await pathOf(client, ref), headers: {} })) as unknown as KubeObject;
  } catch {
    return undefined;
  }
}

/** Deletes an object by its reference. */
export async function remove(client: Client, ref: ObjectRef): Promise<void> {
  await client.raw({ method: 'DELETE', path: await pathOf(client, ref), headers: {} });
}

/** Deletes a Namespace with what is known to be in it, until it is gone: no controller does so here. */
export async function removePlace(client: Client, place: ObjectRef, within: readonly ObjectRef[]): Promise<void> {
  await remove(client, place);
  for (const ref of within) await remove(client, ref).catch(() => undefined);
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: place.name },
    spec: { finalizers: [] },
  });
  const path = `${await pathOf(client, place)}/finalize`;
  await client.raw({ method: 'PUT', path, headers: { 'content-type': 'application/json' }, body });
}

/** Merges into an object, or into a subresource of it; gives what came of it. */
export async function merge(client: Client, ref: ObjectRef, patch: JsonObject): Promise<KubeObject> {
  const headers = { 'content-type': 'application/merge-patch+json' };
  const body = JSON.stringify(patch);
  const merged = await client.raw({ method: 'PATCH', path: await pathOf(client, ref), headers, body });
  return merged as unknown as KubeObject;
}

/** The path of an object, by the version that the server prefers; of who is probed by the sample's, in which its spec is said. */
async function pathOf(client: Client, ref: ObjectRef & Partial<Pick<Subject, 'version'>>): Promise<string> {
  const { group, resource, subresource, namespace, name, version } = ref;
  const root = group === '' ? '/api/v1' : `/apis/${group}/${version ?? (await preferredVersion(client, group))}`;
  const place = namespace === '' || isPlace(ref) ? '' : `/namespaces/${namespace}`;
  return `${root}${place}/${resource}/${name}${subresource === '' ? '' : `/${subresource}`}`;
}

async function preferredVersion(client: Client, group: string): Promise<string> {
  const found = (await client.raw({ method: 'GET', path: `/apis/${group}`, headers: {} })) as unknown as {
    readonly preferredVersion: { readonly version: string };
  };
  return found.preferredVersion.version;
}
