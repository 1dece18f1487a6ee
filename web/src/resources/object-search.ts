import { escapeFieldValue } from 'nekube/apimachinery';
import { requestJson } from '../api/http.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';

/** An object that is called so. */
export interface FoundObject {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace: string | undefined;
}

/** Kinds whose objects one looks for by name. */
const SEARCHED = [
  'core/v1/pods',
  'apps/v1/deployments',
  'core/v1/services',
  'core/v1/configmaps',
  'core/v1/secrets',
  'apps/v1/statefulsets',
  'apps/v1/daemonsets',
  'batch/v1/jobs',
  'batch/v1/cronjobs',
  'networking.k8s.io/v1/ingresses',
  'core/v1/nodes',
  'core/v1/persistentvolumeclaims',
];
/** Of a kind so many names are looked through; of more, only whole names are found. */
const MOST_NAMES = 300;
/** So many objects of a kind are told. */
const MOST_TOLD = 8;
/** So many kinds are asked at once. */
const AT_ONCE = 4;
/** Names that were read so long ago are good enough for the next letter. */
const FRESH_MS = 10_000;

const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

interface MetadataList {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly { readonly metadata?: { readonly name?: string; readonly namespace?: string } }[];
}

interface Names {
  readonly atMs: number;
  readonly found: readonly FoundObject[];
  readonly isAll: boolean;
}

const known = new Map<string, Names>();

/**
 * Looks on the server for objects with a word in their names, in the kinds that have most of them. What is found of a kind is told
 * when it is known; a kind that may not be listed has none.
 */
export async function searchObjects(
  typed: string,
  kinds: readonly Kind[],
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (found: readonly FoundObject[]) => void },
): Promise<void> {
  const word = typed.toLowerCase();
  const waiting = SEARCHED.flatMap((path) => kinds.find((kind) => kind.path === path) ?? []);
  const worker = async (): Promise<void> => {
    for (let kind = waiting.shift(); kind !== undefined && !signal.aborted; kind = waiting.shift()) {
      const found = await ofKind(kind, word, signal).catch(() => []);
      if (found.length > 0 && !signal.aborted) tell(found.slice(0, MOST_TOLD));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function ofKind(kind: Kind, word: string, signal: AbortSignal): Promise<readonly FoundObject[]> {
  let names = known.get(kind.path);
  if (names === undefined || Date.now() - names.atMs > FRESH_MS) {
    const list = await read(kind, { limit: String(MOST_NAMES) }, signal);
    names = { atMs: Date.now(), found: objectsIn(kind, list), isAll: !list.metadata?.continue };
    known.set(kind.path, names);
  }
  const found = names.found.filter(({ name }) => name.includes(word));
  if (names.isAll || found.some(({ name }) => name === word)) return found;
  const fieldSelector = `metadata.name=${escapeFieldValue(word)}`;
  return [...objectsIn(kind, await read(kind, { limit: String(MOST_TOLD), fieldSelector }, signal)), ...found];
}

function read(kind: Kind, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<MetadataList> {
  const path = `/k8s${collectionPath(kind)}?${new URLSearchParams(query)}`;
  return requestJson<MetadataList>(path, { accept: METADATA_LIST, signal });
}

function objectsIn(kind: Kind, { items = [] }: MetadataList): FoundObject[] {
  return items.map(({ metadata = {} }) => ({ kind, name: metadata.name ?? '', namespace: metadata.namespace }));
}
