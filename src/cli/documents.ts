import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue, parseJson, parseYaml } from 'nekube/apimachinery';
import { CliError, type Io, messageOf } from './io.ts';
import { jsonObjectsIn } from './json-stream.ts';

/** A document of a file. */
export interface FileDocument {
  readonly value: JsonValue;
  /** For messages: `"crd.yaml", document 2`, and for a member of a List `… 2, items[0]`. */
  readonly place: string;
}

/**
 * The documents of a file in YAML, or in JSON one behind another, `-` for stdin, with members of Lists instead of the Lists; empty ones are left
 * out. Documents are counted from 1, also the empty ones.
 *
 * @throws CliError that names file and document
 */
export async function readDocuments(file: string, io: Io): Promise<FileDocument[]> {
  const name = file === '-' ? 'stdin' : JSON.stringify(file);
  const text = await textOf(file, io);
  return documentsIn(text).flatMap((document, i) => {
    const place = `${name}, document ${i + 1}`;
    return isBlank(document) ? [] : membersOf({ value: parsed(document, place), place });
  });
}

function documentsIn(text: string): string[] {
  const [first = '', ...others] = text.split(/^---(?=\s|$)/m);
  // what stands before the first line of dashes is a document only if it says something
  const parts = isBlank(first) ? others : [first, ...others];
  return parts.flatMap((part) => (BEGINS_AS_JSON.test(part) && jsonObjectsIn(part)) || [part]);
}

const BEGINS_AS_JSON = /^\s*\{/;

function isBlank(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#.*)?$/.test(line));
}

async function textOf(file: string, io: Io): Promise<string> {
  if (file === '-') {
    if (io.stdin === undefined) throw new CliError('Cannot read stdin: there is none');
    return await io.stdin();
  }
  const path = resolve(io.cwd, file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    if (error instanceof TypeError) throw new CliError(`Cannot read ${JSON.stringify(file)}: it is no UTF-8 text`);
    throw new CliError(messageOf(error, file).replace(path, file), { cause: error });
  }
}

function parsed(text: string, place: string): JsonValue {
  try {
    return parseYaml(text, { strict: true, whole: true });
  } catch (error) {
    if (ESCAPES.test(text) && isJson(text)) return parseJson(text);
    throw new CliError(`Cannot read ${place}: ${messageOf(error)}`, { cause: error });
  }
}

/** What JSON may escape, and YAML may not. */
const ESCAPES = /\\\/|\\u[dD][89a-fA-F]/;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function membersOf(document: FileDocument): FileDocument[] {
  const { value, place } = document;
  if (value === null) return [];
  if (!isJsonObject(value) || !Array.isArray(value.items) || !String(value.kind).endsWith('List')) return [document];
  // members of a typed list do not say what they are
  const kind = String(value.kind).replace(/List$/, '');
  const type: JsonObject = kind === '' ? {} : { apiVersion: value.apiVersion ?? '', kind };
  return value.items.map((item, i) => ({
    value: isJsonObject(item) ? { ...type, ...item } : item,
    place: `${place}, items[${i}]`,
  }));
}
