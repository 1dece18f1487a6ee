import { isStatusError, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { KepHistory } from '../history/history.ts';
import type { Finding } from '../model/finding.ts';
import type { Kep } from '../model/kep.ts';
import { KEP_KIND, KEP_TEXT_KIND } from './definition.ts';
import type { KepContent } from './kep-resource.ts';

/** The KEPs of a server. */
export interface ServerKeps {
  /** By number, as of a checkout. */
  readonly contents: readonly KepContent[];
  /** Of the list: another one has other KEPs. */
  readonly resourceVersion?: string;
  /** The commit that was synced last, and when something changed last. */
  readonly commit?: string;
  readonly time?: string;
}

/**
 * Reads the Keps of a server, as they were synced, without their texts.
 *
 * @throws NoMatchError: the server has no such kind, so nothing was ever synced to it
 * @throws StatusError what the server answers
 */
export async function readKeps(client: Client, signal?: AbortSignal): Promise<ServerKeps> {
  const objects: KubeObject[] = [];
  for await (const object of client.pages<KubeObject>(KEP_KIND, signal && { signal })) objects.push(object);
  return kepsOf(objects);
}

/** The KEPs that objects are. What was read of an object is kept with it, so the object must not change any more. */
export function kepsOf(objects: readonly KubeObject[]): ServerKeps {
  const contents = objects.map(contentOf).sort((a, b) => inOrder(a.kep, b.kep));
  const commit = objects.map(writtenAt).sort((a, b) => (a.time < b.time ? 1 : -1))[0]?.commit;
  const time = contents
    .map(({ history }) => history?.changed ?? '')
    .sort()
    .at(-1);
  return { contents, ...(commit && { commit }), ...(time && { time }) };
}

/**
 * The text of one Kep; empty where it has none.
 *
 * @throws StatusError what the server answers
 */
export async function readText(client: Client, name: string): Promise<string> {
  try {
    return textOf(await client.get<KubeObject>(KEP_TEXT_KIND, { name }));
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return '';
    throw error;
  }
}

/**
 * The texts of all Keps, by name: 20 MB.
 *
 * @throws StatusError what the server answers
 */
export async function readTexts(client: Client, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for await (const object of client.pages<KubeObject>(KEP_TEXT_KIND, { limit: 50, ...(signal && { signal }) }))
    texts.set(object.metadata.name!, textOf(object));
  return texts;
}

/**
 * Another text where one of the texts of a server is another.
 *
 * @throws StatusError what the server answers
 */
export async function readTextsVersion(client: Client, signal?: AbortSignal): Promise<string> {
  const versions: string[] = [];
  for await (const { metadata } of client.pages<KubeObject>(KEP_TEXT_KIND, {
    metadataOnly: true,
    ...(signal && { signal }),
  }))
    versions.push(`${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`);
  return versions.join('\n');
}

/** The text that an object has. */
export function textOf(object: KubeObject): string {
  return String((object as KubeObject & { readonly spec?: JsonObject }).spec?.['text'] ?? '');
}

interface KepObject extends KubeObject {
  readonly spec: Partial<Omit<Kep, 'name'>>;
  readonly status?: {
    readonly commit?: string;
    readonly changed?: string;
    readonly history?: KepHistory['changes'];
    readonly findings?: readonly Partial<Finding>[];
    readonly conditions?: readonly { readonly lastTransitionTime?: string }[];
  };
}

/** What was read of each object: who watches reads all of them again after each change, and few of them have changed. */
const made = new WeakMap<KubeObject, KepContent>();

function contentOf(object: KubeObject): KepContent {
  const known = made.get(object);
  if (known !== undefined) return known;
  const content = readContent(object);
  made.set(object, content);
  return content;
}

/** Of what others than a sync wrote, too: what is not there is empty. */
function readContent(object: KubeObject): KepContent {
  const { metadata, spec, status = {} } = object as KepObject;
  const kep: Kep = { ...EMPTY, ...spec, name: metadata.name! };
  const { changed, history = [], findings = [], commit } = status;
  return {
    kep,
    findings: findings.map((finding) => ({ file: kep.path, level: 'note', rule: '', message: '', ...finding })),
    ...(changed !== undefined && { history: { changed, changes: history } }),
    ...(commit !== undefined && { commit }),
  };
}

const EMPTY: Omit<Kep, 'name'> = {
  path: '',
  title: '',
  owningSig: '',
  participatingSigs: [],
  authors: [],
  reviewers: [],
  approvers: [],
  readinessApprovers: [],
  milestones: {},
  featureGates: [],
  metrics: [],
  seeAlso: [],
  replaces: [],
  supersededBy: [],
  written: {},
};

function writtenAt(object: KubeObject): { readonly time: string; readonly commit: string } {
  const { status } = object as KepObject;
  return { time: status?.conditions?.[0]?.lastTransitionTime ?? '', commit: status?.commit ?? '' };
}

function inOrder(a: Kep, b: Kep): number {
  return (a.number || Infinity) - (b.number || Infinity) || (a.path < b.path ? -1 : 1);
}
