import {
  composeYaml,
  isParseError,
  type JsonValue,
  type KubeObject,
  parseYaml,
  type YamlNode,
} from 'nekube/apimachinery';
import { pathText } from '../detail/references.ts';
import type { KindSchema, TypeProblem } from './schema.ts';

/** What is wrong with a line. */
export interface LineProblem {
  /** From 0. */
  readonly line: number;
  readonly severity: 'error' | 'warning';
  readonly problem:
    | { readonly type: 'syntax'; readonly message: string }
    | { readonly type: 'unknown'; readonly field: string; readonly near: string | undefined }
    | { readonly type: 'type'; readonly field: string; readonly expected: TypeProblem }
    | { readonly type: 'server'; readonly message: string };
}

/** A text that was read. */
export type ReadText =
  | { readonly object: KubeObject & { readonly apiVersion: string; readonly kind: string }; readonly root: YamlNode }
  | { readonly problem: LineProblem };

/** Reads an object from a text; says the line where it is none. Duplicate keys and a second document are errors. */
export function readText(text: string): ReadText {
  try {
    const object = parseYaml(text, { strict: true, whole: true });
    const root = composeYaml(text);
    if (root === undefined || object === null || typeof object !== 'object' || Array.isArray(object))
      return failed(0, 'an object is expected: apiVersion, kind, metadata');
    const { apiVersion, kind, metadata } = object as unknown as Partial<KubeObject>;
    if (!apiVersion || !kind) return failed(0, 'apiVersion and kind must be stated');
    if (typeof metadata !== 'object') return failed(lineOf(root, ['metadata']) ?? 0, 'metadata must be an object');
    return { object: object as never, root };
  } catch (error) {
    if (!isParseError(error)) throw error;
    const line = /line (\d+)/.exec(error.message)?.[1];
    return failed(Math.max(Number(line ?? 1) - 1, 0), error.message.replace(/^yaml: (line \d+: )?/, ''));
  }
}

function failed(line: number, message: string): ReadText {
  return { problem: { line, severity: 'error', problem: { type: 'syntax', message } } };
}

/** Fields that the schema has not, and values of another type than it states; at most so many. */
export function schemaProblems(root: YamlNode, schema: KindSchema, { most = 100 } = {}): LineProblem[] {
  const problems: LineProblem[] = [];
  visit(root, [], (node, path, keyLine) => {
    if (problems.length >= most) return false;
    const found = schema.at(path);
    if (found === 'open') return false;
    if (found === undefined) {
      const siblings = schema.fieldsAt(path.slice(0, -1)).map(({ name }) => name);
      const near = nearest(String(path.at(-1)), siblings);
      problems.push({ line: keyLine, severity: 'error', problem: { type: 'unknown', field: pathText(path), near } });
      return false;
    }
    const expected = schema.typeProblem(found, valueOf(node));
    if (expected === undefined) return true;
    problems.push({ line: keyLine, severity: 'error', problem: { type: 'type', field: pathText(path), expected } });
    return false;
  });
  return problems;
}

/** Walks down, as long as it is told to go on. */
function visit(
  node: YamlNode,
  path: readonly (string | number)[],
  enter: (node: YamlNode, path: readonly (string | number)[], keyLine: number) => boolean,
): void {
  const { kind, children } = node.target ?? node;
  if (kind === 'sequence') {
    for (const [i, child] of children.entries())
      if (enter(child, [...path, i], child.line)) visit(child, [...path, i], enter);
    return;
  }
  if (kind !== 'mapping') return;
  for (let i = 0; i < children.length; i += 2) {
    const [key, value] = [children[i]!, children[i + 1]!];
    const at = [...path, key.value];
    if (enter(value, at, key.line)) visit(value, at, enter);
  }
}

/** The value of a scalar as it is read; of what has others in it, only its type counts. */
function valueOf(node: YamlNode): JsonValue {
  const { kind, value, implicit, tag } = node.target ?? node;
  if (kind === 'mapping') return {};
  if (kind === 'sequence') return [];
  if (!implicit || tag !== '') return value;
  const read = parseYaml(`- ${value}`);
  return Array.isArray(read) ? read[0]! : value;
}

/** The name that was probably meant: another case, or one letter more, less or else. */
function nearest(name: string, among: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  return (
    among.find((one) => one.toLowerCase() === lower) ??
    among.find((one) => Math.abs(one.length - name.length) <= 1 && distance(one.toLowerCase(), lower) <= 1) ??
    among.find(
      (one) => one.length > 4 && Math.abs(one.length - name.length) <= 2 && distance(one.toLowerCase(), lower) <= 2,
    )
  );
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}

/** The line of a field, or of the innermost part on the way to it that there is; from 0. */
export function lineOf(root: YamlNode, path: readonly (string | number)[]): number | undefined {
  let node: YamlNode = root;
  let line: number | undefined;
  for (const step of path) {
    const { kind, children } = node.target ?? node;
    if (typeof step === 'number') {
      const item: YamlNode | undefined = kind === 'sequence' ? children[step] : undefined;
      if (item === undefined) return line;
      line = item.line;
      node = item;
      continue;
    }
    const at = kind === 'mapping' ? children.findIndex((key, i) => i % 2 === 0 && key.value === step) : -1;
    if (at < 0) return line;
    line = children[at]!.line;
    node = children[at + 1]!;
  }
  return line;
}

/** `spec.ports[0].name`, `metadata.labels[a.b/c]`, `.spec.x` as errors of the server name a field: the steps to it. */
export function stepsOf(field: string): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const [, name, within] of field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (name !== undefined) steps.push(name);
    else if (/^\d+$/.test(within!)) steps.push(Number(within));
    else steps.push(within!.replace(/^"(.*)"$/, '$1'));
  }
  return steps;
}

/** The problems that an answer of the server names, at their lines; those without a field are at the first line. */
export function serverProblems(
  root: YamlNode,
  causes: readonly { readonly field?: string; readonly message?: string }[],
): LineProblem[] {
  return causes.map(({ field = '', message = '' }) => ({
    line: lineOf(root, stepsOf(field)) ?? 0,
    severity: 'error',
    problem: { type: 'server', message: field === '' ? message : `${field}: ${message}` },
  }));
}
