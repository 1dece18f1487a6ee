import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  isJsonObject,
  isParseError,
  isStatusError,
  type JsonValue,
  type KubeObject,
  parseJson,
  parseYaml,
} from 'nekube/apimachinery';

/** An object, and where it stands. */
export interface Manifest {
  readonly object: KubeObject;
  /** `crds/widgets.yaml, document 2`; of an object that was handed in its place in the list. */
  readonly place: string;
}

/** A manifest that cannot be read, or that the server refuses; the message names file, document and path. */
export class ManifestError extends Error {
  /** The file and the document. */
  readonly place: string;
  /** The field in it, where it is known: `spec.versions[0].schema`. */
  readonly path: string | undefined;

  constructor(
    place: string,
    message: string,
    options: { readonly path?: string | undefined; readonly cause: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'ManifestError';
    this.place = place;
    this.path = options.path;
  }
}

/**
 * The objects of files and folders (their files `.yaml`, `.yml` and `.json`, by name), of texts with documents (they have a
 * line break), and as they are.
 *
 * @throws ManifestError, or an error of the file system that names the path
 */
export function readManifests(sources: readonly (KubeObject | string)[]): Manifest[] {
  return sources.flatMap((source, i) => {
    if (typeof source !== 'string') return [checked(source as unknown as JsonValue, `object ${i + 1} of the list`)];
    return source.includes('\n') ? documentsOf(source, `text ${i + 1} of the list`) : fromPath(source);
  });
}

function fromPath(path: string): Manifest[] {
  if (!statSync(path).isDirectory()) return documentsOf(readFileSync(path, 'utf8'), path);
  const files = readdirSync(path).filter((name) => /\.(ya?ml|json)$/.test(name));
  return files.sort().flatMap((name) => fromPath(join(path, name)));
}

function documentsOf(text: string, source: string): Manifest[] {
  const manifests: Manifest[] = [];
  let line = 0;
  // what stands behind a separator belongs to the document
  const documents = text.split(/^---(?=\s|$)/m);
  // what stands before the first one is a document only if it says something
  const first = /^(\s*(#.*)?(\n|$))*$/.test(documents[0]!) ? 0 : 1;
  documents.forEach((document, i) => {
    const place = `${source}, document ${Math.max(1, i + first)}`;
    const value = parsed(document, place, line);
    line += document.split('\n').length - 1;
    if (value === null) return;
    const list =
      isJsonObject(value) && Array.isArray(value.items) && String(value.kind).endsWith('List')
        ? value.items
        : undefined;
    if (list === undefined) manifests.push(checked(value, place));
    else list.forEach((item, at) => manifests.push(checked(memberOf(value, item), `${place}, items[${at}]`)));
  });
  return manifests;
}

function parsed(document: string, place: string, firstLine: number): JsonValue {
  try {
    return isJson(document) ? parseJson(document) : parseYaml(document);
  } catch (cause) {
    if (!isParseError(cause)) throw cause;
    const line = cause.line === undefined ? '' : `, line ${firstLine + cause.line}`;
    const shown = cause.sourceLine ? `: ${cause.sourceLine.trim()}` : '';
    throw new ManifestError(place, `Cannot read ${place}${line}: ${cause.message}${shown}`, {
      path: cause.path,
      cause,
    });
  }
}

/** Members of a typed list do not say what they are. */
function memberOf(list: JsonValue, item: JsonValue): JsonValue {
  if (!isJsonObject(list) || !isJsonObject(item) || list.kind === 'List') return item;
  return { apiVersion: list.apiVersion ?? '', kind: String(list.kind).replace(/List$/, ''), ...item };
}

/** Whether a document is to be read as JSON, which may escape what YAML may not (`\\/`, surrogates); as kubectl does it. */
function isJson(document: string): boolean {
  if (!/^\s*\{/.test(document)) return false;
  try {
    JSON.parse(document);
    return true;
  } catch {
    return false;
  }
}

function checked(value: JsonValue, place: string): Manifest {
  const wrong = (path: string, what: string): ManifestError =>
    new ManifestError(place, `Cannot use ${place}: ${path ? `${path} ` : ''}${what}`, { path, cause: undefined });
  if (!isJsonObject(value)) throw wrong('', 'it must be an object');
  for (const field of ['apiVersion', 'kind'])
    if (typeof value[field] !== 'string' || value[field] === '') throw wrong(field, 'must be there, as a text');
  const { metadata } = value;
  if (!isJsonObject(metadata)) throw wrong('metadata', 'must be there, as an object');
  if (!metadata.name && !metadata.generateName) throw wrong('metadata.name', 'must be there');
  return { object: value as unknown as KubeObject, place };
}

/** What the server said to a manifest, or why it was not even asked, with where that stands. */
export function refusedManifest({ object, place }: Manifest, refusal: Error): ManifestError {
  const causes = isStatusError(refusal) ? refusal.status.details?.causes : undefined;
  const path = causes?.find(({ field }) => field)?.field;
  const name = object.metadata.name ?? object.metadata.generateName ?? '';
  const message = `Cannot install ${object.kind} ${JSON.stringify(name)} (${place}${path ? `, ${path}` : ''}): ${refusal.message}`;
  return new ManifestError(place, message, { path, cause: refusal });
}
