import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isJsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { type FileDocument, readDocuments } from './documents.ts';
import { CliError, type Io, messageOf } from './io.ts';

/** An object of a file. */
export interface SavedObject {
  readonly object: KubeObject;
  /** For messages: `"web.yaml", document 2`. */
  readonly place: string;
  /** What it was read from, by which lines of its fields are known. */
  readonly document: FileDocument;
}

const ENDINGS = ['.json', '.yaml', '.yml'];

/**
 * The objects of files and directories, `-` for stdin, one file at a time: those of a directory in the order of their
 * names, with `recursive` also of directories below. Nobody checks more than that an object has kind, apiVersion and
 * metadata.
 *
 * @throws CliError that names the file and the document
 */
export async function* readObjectFiles(
  files: readonly string[],
  { recursive = false }: { readonly recursive?: boolean },
  io: Io,
): AsyncGenerator<SavedObject> {
  for (const file of files) {
    for (const one of await filesIn(file, recursive, io)) {
      for (const document of await readDocuments(one, io)) yield objectOf(document);
    }
  }
}

/**
 * The files that `file` stands for: itself, or those in it, by name.
 *
 * @throws CliError
 */
export async function filesIn(file: string, recursive: boolean, io: Io): Promise<string[]> {
  if (file === '-') return [file];
  try {
    if (!(await stat(resolve(io.cwd, file))).isDirectory()) return [file];
    return await filesBelow(file, recursive, io);
  } catch (error) {
    throw new CliError(messageOf(error, file).replace(resolve(io.cwd, file), file), { cause: error });
  }
}

async function filesBelow(directory: string, recursive: boolean, io: Io): Promise<string[]> {
  const entries = await readdir(resolve(io.cwd, directory), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && recursive) files.push(...(await filesBelow(path, recursive, io)));
    else if (!entry.isDirectory() && ENDINGS.some((ending) => entry.name.endsWith(ending))) files.push(path);
  }
  return files;
}

function objectOf(document: FileDocument): SavedObject {
  const { value, place } = document;
  const wrong = wrongIn(value);
  if (wrong === undefined) return { object: value as unknown as KubeObject, place, document };
  if (isJsonObject(value) && String(value.apiVersion).startsWith('kustomize.config.k8s.io/')) {
    const build = 'build it first, and read what comes of it: kubectl kustomize DIR | nekube … -f -';
    throw new CliError(`Cannot read ${place}: it is a ${String(value.kind)} of kustomize`, { hint: build });
  }
  const hint = 'each document must be an object of Kubernetes, or a List of them';
  throw new CliError(`Cannot read ${place}: ${wrong}`, { hint });
}

function wrongIn(value: JsonValue): string | undefined {
  if (!isJsonObject(value) || typeof value.apiVersion !== 'string') return 'apiVersion is missing';
  if (typeof value.kind !== 'string') return 'kind is missing';
  const { metadata } = value;
  if (!isJsonObject(metadata)) return 'metadata is missing';
  const wrong = ['name', 'namespace'].find((one) => !['string', 'undefined'].includes(typeof metadata[one]));
  return wrong && `metadata.${wrong} must be a string`;
}
