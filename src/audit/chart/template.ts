import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject, jsonEqual, type JsonValue } from 'nekube/apimachinery';

/** Where a value stands in a scope: `['Values', 'image', 'tag']`, `['Release', 'Name']`, `['item', 'port']`. */
export type Path = readonly string[];

/** What templates see: the values of a chart, its release, and within a loop the item. */
export interface Scope {
  readonly Values: JsonObject;
  readonly Release: { readonly Name: string; readonly Namespace: string };
  /** Of the loops around, from the outermost. */
  readonly items: readonly JsonValue[];
}

/** A question to the scope. */
export type Predicate =
  /** Helm's truth: not absent, empty, zero or false. */
  | { readonly is: 'truthy'; readonly path: Path }
  | { readonly is: 'set'; readonly path: Path }
  | { readonly is: 'equal'; readonly path: Path; readonly value: JsonValue }
  | { readonly is: 'greater'; readonly path: Path; readonly than: number };

/** A function of the scope, of the few forms that charts are made of. */
export type Template =
  | { readonly form: 'constant'; readonly value: JsonValue }
  /** The value as it is, of whatever type. */
  | { readonly form: 'copy'; readonly path: Path }
  /** Texts, and values among them. */
  | { readonly form: 'text'; readonly parts: readonly (string | Path)[] }
  /** `factor * value + add`, of integers. */
  | { readonly form: 'affine'; readonly path: Path; readonly factor: number; readonly add: number }
  | { readonly form: 'apply'; readonly function: TextFunction; readonly of: Template }
  /** Members that are absent where their template gives undefined. */
  | { readonly form: 'object'; readonly members: ReadonlyMap<string, Template> }
  /** The members of an object, and one for each of a map: called as that is behind a prefix, its value a template of the item. */
  | {
      readonly form: 'merge';
      readonly base: Template;
      readonly path: Path;
      readonly prefix: string;
      readonly value: Template;
    }
  | { readonly form: 'list'; readonly items: readonly Template[] }
  /** A template for each item of a list, or each member of a map in the order of its keys (an item is then `{key, value}`). */
  | { readonly form: 'range'; readonly path: Path; readonly over: 'list' | 'map'; readonly item: Template }
  /** Lists one behind another. */
  | { readonly form: 'concat'; readonly lists: readonly Template[] }
  | { readonly form: 'if'; readonly question: Predicate; readonly met: Template; readonly otherwise: Template }
  /** There is nothing. */
  | { readonly form: 'absent' };

/** A function of a text, by its name in Helm. */
export type TextFunction = 'b64enc' | 'sha256sum' | 'upper' | 'lower';

/** Functions of texts: what charts use of Sprig. */
export const TEXT_FUNCTIONS: Readonly<Record<TextFunction, (text: string) => string>> = {
  b64enc: (text) => Buffer.from(text).toString('base64'),
  sha256sum: (text) => createHash('sha256').update(text).digest('hex'),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
};

/** What a template gives in a scope; undefined: nothing. */
export function evaluate(template: Template, scope: Scope): JsonValue | undefined {
  switch (template.form) {
    case 'constant':
      return template.value;
    case 'absent':
      return undefined;
    case 'copy':
      return valueAt(scope, template.path);
    case 'text':
      return template.parts.map((part) => (typeof part === 'string' ? part : textOf(valueAt(scope, part)))).join('');
    case 'affine':
      return affine(valueAt(scope, template.path), template.factor, template.add);
    case 'apply':
      return TEXT_FUNCTIONS[template.function](textOf(evaluate(template.of, scope)));
    case 'object':
      return objectOf(template.members, scope);
    case 'merge':
      return merged(template, scope);
    case 'list':
      return template.items.map((item) => evaluate(item, scope)).filter((item) => item !== undefined);
    case 'range':
      return itemsOf(valueAt(scope, template.path)).map(
        (item) => evaluate(template.item, { ...scope, items: [...scope.items, item] }) ?? null,
      );
    case 'concat':
      return template.lists.flatMap((list) => (evaluate(list, scope) ?? []) as JsonValue[]);
    case 'if':
      return evaluate(holds(template.question, scope) ? template.met : template.otherwise, scope);
  }
}

/** Whether a question is answered with yes. */
export function holds(question: Predicate, scope: Scope): boolean {
  const value = valueAt(scope, question.path);
  switch (question.is) {
    case 'truthy':
      return isTruthy(value);
    case 'set':
      return value !== undefined && value !== null;
    case 'equal':
      return value !== undefined && jsonEqual(value, question.value);
    case 'greater':
      return typeof value === 'number' && value > question.than;
  }
}

/** What stands at a path; undefined: nothing does. A path that begins with `item` or `item1` is of the loop of that depth. */
export function valueAt(scope: Scope, [root = '', ...rest]: Path): JsonValue | undefined {
  const loop = /^item(\d+)$/.exec(root);
  let value: JsonValue | undefined =
    loop === null ? (scope[root as 'Values' | 'Release'] as JsonValue) : scope.items[Number(loop[1])];
  for (const part of rest) value = isJsonObject(value) ? value[part] : undefined;
  return value;
}

/** Whether two values are equal, or there is none of both. */
export function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return a === undefined || b === undefined ? a === b : jsonEqual(a, b);
}

/** What a loop goes over: the items of a list, or the members of a map by their keys, as Helm has them. */
export function itemsOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  if (!isJsonObject(value)) return [];
  return Object.keys(value)
    .sort()
    .map((key) => ({ key, value: value[key]! }));
}

/** A value as Go prints it in a text. */
export function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isTruthy(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

function affine(value: JsonValue | undefined, factor: number, add: number): JsonValue | undefined {
  return typeof value === 'number' ? factor * value + add : undefined;
}

function merged({ base, path, prefix, value }: Template & { readonly form: 'merge' }, scope: Scope): JsonObject {
  const items = itemsOf(valueAt(scope, path)) as readonly { readonly key: string }[];
  const added = items.map((item) => [
    `${prefix}${item.key}`,
    evaluate(value, { ...scope, items: [...scope.items, item] }) ?? null,
  ]);
  return { ...(evaluate(base, scope) as JsonObject), ...(Object.fromEntries(added) as JsonObject) };
}

function objectOf(members: ReadonlyMap<string, Template>, scope: Scope): JsonObject {
  const entries = [...members].map(([name, member]) => [name, evaluate(member, scope)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as JsonObject;
}
