import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isParseError } from 'nekube/apimachinery';
import { type Definition, definitionModules, isDefinition, readDefinition } from 'nekube/client/codegen';
import { makeFolder } from 'nekube/files';
import type { CodegenFlags } from './codegen-command.ts';
import { type FileDocument, readDocuments } from './documents.ts';
import { CliError, type Io, NegativeFinding } from './io.ts';

/**
 * Writes TypeScript of the definitions in files.
 *
 * @throws CliError a definition is wrong or twice there; nothing was written
 * @throws NegativeFinding `--check`, and a file is not what would be written
 */
export async function generateFromDefinitions(files: readonly string[], flags: CodegenFlags, io: Io): Promise<void> {
  const documents: FileDocument[] = [];
  for (const file of files) documents.push(...(await readDocuments(file, io)));
  const modules = definitionModules(definitionsOf(documents));
  if (flags.output === '-') return printModule(modules, flags, io);
  const changed = await changedModules(modules, resolve(io.cwd, flags.output));
  if (flags.check) return tellOfChanges([...changed.keys()], flags.output, io);
  await writeAll(changed, resolve(io.cwd, flags.output));
  io.stderr(`nekube: modules in ${flags.output}: ${modules.size}, of which changed: ${changed.size}\n`);
}

function definitionsOf(documents: readonly FileDocument[]): Definition[] {
  const found = new Map<string, { readonly definition: Definition; readonly place: string }>();
  for (const { value, place } of documents.filter((document) => isDefinition(document.value))) {
    const definition = definitionAt(value, place);
    const name = `${definition.plural}.${definition.group}`;
    const other = found.get(name);
    if (other !== undefined && !isDeepStrictEqual(other.definition, definition)) {
      throw new CliError(`Cannot generate types of ${name}: ${other.place} and ${place} define it differently`);
    }
    found.set(name, { definition, place });
  }
  if (found.size === 0) throw new CliError('Cannot generate types: there is no CustomResourceDefinition in the files');
  return [...found.values()].map(({ definition }) => definition);
}

function definitionAt(value: FileDocument['value'], place: string): Definition {
  try {
    return readDefinition(value);
  } catch (error) {
    if (!isParseError(error)) throw error;
    const path = error.path === undefined ? '' : `${error.path}: `;
    throw new CliError(`Cannot read ${place}: ${path}${error.message}`, { cause: error });
  }
}

function printModule(modules: ReadonlyMap<string, string>, { check }: CodegenFlags, io: Io): void {
  if (check) throw new CliError('Cannot check stdout', { hint: 'give the folder, -o DIR' });
  if (modules.size !== 1) {
    throw new CliError(`Cannot print ${[...modules.keys()].join(' and ')}: these are several modules`, {
      hint: 'give a folder to write them to, -o DIR',
    });
  }
  for (const text of modules.values()) io.stdout(text);
}

/** Those modules whose files are not there or say something else. */
async function changedModules(modules: ReadonlyMap<string, string>, dir: string): Promise<Map<string, string>> {
  const changed = new Map<string, string>();
  for (const [path, text] of modules) if ((await textIn(join(dir, path))) !== text) changed.set(path, text);
  return changed;
}

async function textIn(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function tellOfChanges(paths: readonly string[], dir: string, io: Io): void {
  if (paths.length === 0) return;
  for (const path of paths) io.stdout(`${join(dir, path)}\n`);
  throw new NegativeFinding(`files that would change: ${paths.length}`);
}

/** Writes all files beside where they belong before the first is put in its place. */
async function writeAll(modules: ReadonlyMap<string, string>, dir: string): Promise<void> {
  const pending: { readonly from: string; readonly to: string }[] = [];
  try {
    for (const [path, text] of modules) {
      const to = join(dir, path);
      const from = `${to}.${process.pid}.tmp`;
      makeFolder(dirname(to));
      pending.push({ from, to });
      await writeFile(from, text);
    }
    for (const { from, to } of pending) await rename(from, to);
  } finally {
    for (const { from } of pending) await rm(from, { force: true });
  }
}
