import { isStatusError, type JsonValue, jsonEqual, type KubeObject, stringifyJson } from 'nekube/apimachinery';
import type { Client, Kind } from 'nekube/client';
import { controllerReferenceTo } from 'nekube/controller';
import type { PodTemplate } from '../pods/pod.ts';

/** A template that a StatefulSet or DaemonSet has, or had. */
export interface ControllerRevision extends KubeObject {
  data?: RevisionData;
  revision: number;
}

/** A strategic merge patch that brings the template back. */
export interface RevisionData {
  spec: { template: PodTemplate & { $patch?: string } };
}

/** What has revisions. */
export interface RevisionOwner extends KubeObject {
  spec: { template: PodTemplate };
}

/** Revisions of templates. */
export const CONTROLLER_REVISION: Kind<ControllerRevision> = { apiVersion: 'apps/v1', kind: 'ControllerRevision' };

/** The label of pods that says of which revision they are. */
export const REVISION_LABEL = 'controller-revision-hash';

/** What a revision keeps of a template. */
export function dataOf(template: PodTemplate): RevisionData {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

/** The template that a revision keeps. */
export function templateOf({ data }: ControllerRevision): PodTemplate {
  const { $patch: _, ...template } = data?.spec.template ?? {};
  return template;
}

/**
 * A new revision of an owner's template: with the labels of its pods and a hash, and what the owner is annotated with.
 *
 * @param hash by the label that has it
 */
export function newRevision(
  owner: RevisionOwner,
  { name, hash, data, revision }: { name: string; hash: Record<string, string>; data: RevisionData; revision: number },
): ControllerRevision {
  const { namespace, annotations } = owner.metadata;
  return {
    ...CONTROLLER_REVISION,
    metadata: {
      name,
      namespace,
      labels: { ...owner.spec.template.metadata?.labels, ...hash },
      ...(annotations && { annotations: { ...annotations } }),
      ownerReferences: [controllerReferenceTo(owner)],
    },
    data,
    revision,
  };
}

/** Whether a revision keeps this. */
export function hasData({ data }: ControllerRevision, other: RevisionData): boolean {
  return jsonEqual((data ?? null) as unknown as JsonValue, other as unknown as JsonValue);
}

/** Data as Go writes it: the keys of each object in their order. */
export function textOfData(data: RevisionData): string {
  return stringifyJson(sorted(data as unknown as JsonValue));
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** The oldest revision first. */
export function inOrder(revisions: readonly ControllerRevision[]): ControllerRevision[] {
  return [...revisions].sort(
    (a, b) =>
      a.revision - b.revision ||
      compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
      compare(a.metadata.name, b.metadata.name),
  );
}

function compare(a: string | null | undefined, b: string | null | undefined): number {
  const [one, other] = [a ?? '', b ?? ''];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The same revision with a number, and written so if it has another. */
export async function renumbered(
  client: Client,
  found: ControllerRevision,
  revision: number,
): Promise<ControllerRevision> {
  if (found.revision === revision) return found;
  return client.update<ControllerRevision>({ ...CONTROLLER_REVISION, ...found, revision });
}

/** A revision that is gone already is as good as deleted. */
export async function forgetRevision(client: Client, { metadata }: ControllerRevision): Promise<void> {
  try {
    await client.delete(CONTROLLER_REVISION, { namespace: metadata.namespace, name: metadata.name! });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
