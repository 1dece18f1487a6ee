import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where an instruction was written, in the file that ran. Cheap to take; `sourceLine` says what stands there. */
export interface SourcePosition {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** A line of a program's source, of TypeScript where a source map leads there. */
export interface SourceLine extends SourcePosition {
  /** The line without its indentation; empty when the file is not there. */
  readonly text: string;
}

const room = dirname(dirname(fileURLToPath(import.meta.url)));
/** Code of these folders makes instructions for others; who called it wrote them. */
const machinery = ['asm', 'builder'].map((folder) => `${room}${sep}${folder}${sep}`);
/** How many calls are looked at: few take half the time, and mostly do. */
const DEPTHS = [3, 16];

/** The line of the caller who writes a program: the innermost that is not this room's own machinery. */
export function callerPosition(): SourcePosition | undefined {
  for (const depth of DEPTHS) {
    const sites = callSites(depth);
    for (const site of sites) {
      const file = callerFile(site.getFileName());
      if (file) return { file, line: site.getLineNumber() ?? 1, column: site.getColumnNumber() ?? 1 };
    }
    if (sites.length < depth) break;
  }
  return undefined;
}

function callSites(depth: number): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = depth;
  Error.prepareStackTrace = (_, sites) => sites;
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, callerPosition);
  const sites = holder.stack as readonly NodeJS.CallSite[];
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  return sites;
}

/** Paths of files by what the stack calls them; undefined for those that write for others. */
const files = new Map<string, string | undefined>();

function callerFile(name: string | null | undefined): string | undefined {
  if (name === null || name === undefined || name.startsWith('node:')) return undefined;
  if (!files.has(name)) {
    const file = name.startsWith('file:') ? fileURLToPath(name) : name;
    files.set(name, isCaller(file) ? file : undefined);
  }
  return files.get(name);
}

function isCaller(file: string): boolean {
  return !machinery.some((folder) => file.startsWith(folder)) || /\.test\.[jt]s$/.test(file);
}

const maps = new Map<string, SourceMap | undefined>();
const texts = new Map<string, readonly string[]>();

/** The source line of a position: of the TypeScript file if a source map stands beside the file that ran. */
export function sourceLine(position: SourcePosition): SourceLine {
  const original = originalPosition(position);
  const text = linesOf(original.file)[original.line - 1]?.trim();
  if (text !== undefined) return { ...original, text };
  return { ...original, text: linesOf(position.file)[position.line - 1]?.trim() ?? '' };
}

function originalPosition(position: SourcePosition): SourcePosition {
  const entry = mapOf(position.file)?.findEntry(position.line - 1, position.column - 1);
  if (entry === undefined || !('originalSource' in entry)) return position;
  const { originalSource, originalLine, originalColumn } = entry;
  const path = originalSource.startsWith('file:') ? fileURLToPath(originalSource) : originalSource;
  return { file: resolve(dirname(position.file), path), line: originalLine + 1, column: originalColumn + 1 };
}

/** Read from the file and not asked of Node, which has it only when it was started to look for source maps. */
function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) {
    const path = `${file}.map`;
    const map = existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
    maps.set(file, map);
  }
  return maps.get(file);
}

function linesOf(file: string): readonly string[] {
  let lines = texts.get(file);
  if (lines === undefined) {
    lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    texts.set(file, lines);
  }
  return lines;
}
