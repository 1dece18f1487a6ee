import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject, jsonEqual, type JsonValue } from 'nekube/apimachinery';

/** Where a value stands in a scope: `['Values', 'image', 'tag']`, `['Release', 'Name']`, `['item0', 'port']`. */
export type Path = readonly string[];

/** What templates see: the values of a chart, its release, and within a loop the item. */
export interface Scope {
  readonly Values: JsonObject;
  readonly Release: { readonly Name: string; readonly Namespace: string };
  /** Of the loops around, from the outermost. */
  readonly items: readonly JsonValue[];
  /** What these are over; absent: of no loop. */
  readonly over?: readonly Path[];
}

/** A question to the scope. */
export type Predicate =
  /** Helm's truth: not absent, empty, zero or false. */
  | { readonly is: 'truthy'; readonly path: Path }
  | { readonly is: 'set'; readonly path: Path }
  | { readonly is: 'equal'; readonly path: Path; readonly value: JsonValue }
  | { readonly is: 'greater'; readonly path: Path; readonly than: number }
  | { readonly is: 'not'; readonly of: Predicate }
  | { readonly is: 'all' | 'any'; readonly of: readonly Predicate[] };

/** Members of an object that come of a list or map: one for each item, unless its value is nothing. */
export interface MemberLoop {
  readonly path: Path;
  readonly over: 'list' | 'map';
  readonly name: Template;
  readonly value: Template;
}

/** A function of the scope, of the few forms that charts are made of. */
export type Template =
  | { readonly form: 'constant'; readonly value: JsonValue }
  /** The value as it is, of whatever type. `maybe`: it was seen that there is none, and nothing came of it then. */
  | { readonly form: 'copy'; readonly path: Path; readonly maybe?: boolean }
  /** Texts, and templates of texts and numbers among them. */
  | { readonly form: 'text'; readonly parts: readonly (string | Template)[] }
  /** `factor * value + add`, of integers. `maybe`: as of a copy. */
  | {
      readonly form: 'affine';
      readonly path: Path;
      readonly factor: number;
      readonly add: number;
      readonly maybe?: boolean;
    }
  | {
      readonly form: 'apply';
      readonly function: TextFunction;
      readonly of: Template;
      /** Of `trunc` the number, of `trimSuffix` the text. */
      readonly argument?: number | string;
    }
  /** Members that are absent where their template gives undefined. */
  | {
      readonly form: 'object';
      readonly members: ReadonlyMap<string, Template>;
      readonly loops: readonly MemberLoop[];
      /** Without any member it is nothing, and not an empty object. */
      readonly omit: boolean;
    }
  /** The items for which there is something, and nothing where there are none. */
  | { readonly form: 'list'; readonly items: readonly Template[] }
  /** A template for each item of a list, or each member of a map in the order of its keys (an item is then `{key, value}`). */
  | {
      readonly form: 'range';
      readonly path: Path;
      readonly over: 'list' | 'map';
      readonly item: Template;
      /** Each item comes to a list, and these stand one behind another. */
      readonly flat: boolean;
    }
  /** Lists one behind another. */
  | { readonly form: 'concat'; readonly lists: readonly Template[] }
  /** The texts of a list in one. */
  | { readonly form: 'join'; readonly list: Template; readonly separator: string }
  | { readonly form: 'if'; readonly question: Predicate; readonly met: Template; readonly otherwise: Template }
  /** There is nothing. */
  | { readonly form: 'absent' };

/** A template of one form. */
export type Of<F extends Template['form']> = Template & { readonly form: F };

/** A function of a text, or for the last two of any value, by its name in Helm. */
export type TextFunction =
  | 'b64enc'
  | 'sha256sum'
  | 'upper'
  | 'lower'
  | 'trim'
  | 'trunc'
  | 'trimSuffix'
  | 'toJson'
  | 'toRawJson';

/** Functions of texts alone: what charts use of Sprig. */
export const TEXT_FUNCTIONS = {
  b64enc: (text: string) => Buffer.from(text).toString('base64'),
  sha256sum: (text: string) => createHash('sha256').update(text).digest('hex'),
  upper: (text: string) => bySign(text, (sign) => sign.toUpperCase()),
  lower: (text: string) => bySign(text, (sign) => sign.toLowerCase()),
  trim: (text: string) => text.trim(),
} as const;

/** Go changes sign by sign: what would be several stays as it is. */
function bySign(text: string, change: (sign: string) => string): string {
  return Array.from(text, (sign) => {
    const changed = change(sign);
    return [...changed].length === 1 ? changed : sign;
  }).join('');
}

/** What a template gives in a scope; undefined: nothing. */
export function evaluate(template: Template, scope: Scope): JsonValue | undefined {
  switch (template.form) {
    case 'constant':
      return template.value;
    case 'absent':
      return undefined;
    case 'copy':
      return valueAt(scope, template.path) ?? undefined;
    case 'text':
      return template.parts.map((part) => (typeof part === 'string' ? part : textOf(evaluate(part, scope)))).join('');
    case 'affine':
      return affine(valueAt(scope, template.path), template.factor, template.add);
    case 'apply':
      return applied(template, evaluate(template.of, scope));
    case 'object':
      return objectOf(template, scope);
    case 'join':
      return listOf(template.list, scope).map(textOf).join(template.separator);
    case 'if':
      return evaluate(holds(template.question, scope) ? template.met : template.otherwise, scope);
    default: {
      const list = listOf(template, scope);
      return list.length === 0 ? undefined : [...list];
    }
  }
}

/** Whether a question is answered with yes. */
export function holds(question: Predicate, scope: Scope): boolean {
  switch (question.is) {
    case 'not':
      return !holds(question.of, scope);
    case 'all':
      return question.of.every((one) => holds(one, scope));
    case 'any':
      return question.of.some((one) => holds(one, scope));
  }
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

/** The same scopes within a loop, one for each item of each. */
export function scopesWithin(scope: Scope, path: Path): readonly Scope[] {
  return itemsOf(valueAt(scope, path)).map((item) => ({
    ...scope,
    items: [...scope.items, item],
    over: [...(scope.over ?? []), path],
  }));
}

/** A value as Go prints it in a text. */
export function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A value as Helm's `toJson` has it: sorted, and without what HTML would read. */
export function goJson(value: JsonValue): string {
  return sortedJson(value).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

function sortedJson(value: JsonValue): string {
  return JSON.stringify(value, (_, one: JsonValue) =>
    isJsonObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  );
}

function applied({ function: name, argument = '' }: Of<'apply'>, value: JsonValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  switch (name) {
    case 'toJson':
      return goJson(value);
    case 'toRawJson':
      return sortedJson(value);
    case 'trunc':
      return cutAt(textOf(value), Number(argument));
    case 'trimSuffix': {
      const text = textOf(value);
      return text.endsWith(String(argument)) ? text.slice(0, text.length - String(argument).length) : text;
    }
    default:
      return TEXT_FUNCTIONS[name](textOf(value));
  }
}

/** Go counts bytes. */
function cutAt(text: string, lengthBytes: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= lengthBytes ? text : bytes.subarray(0, lengthBytes).toString('utf8');
}

function listOf(template: Template, scope: Scope): readonly JsonValue[] {
  switch (template.form) {
    case 'list':
      return template.items.map((item) => evaluate(item, scope)).filter((item) => item !== undefined);
    case 'range':
      return scopesWithin(scope, template.path).flatMap((within) => {
        if (template.flat) return listOf(template.item, within);
        const item = evaluate(template.item, within);
        return item === undefined ? [] : [item];
      });
    case 'concat':
      return template.lists.flatMap((list) => listOf(list, scope));
    default: {
      const value = evaluate(template, scope);
      return Array.isArray(value) ? value : [];
    }
  }
}

function isTruthy(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

function affine(value: JsonValue | undefined, factor: number, add: number): JsonValue | undefined {
  return typeof value === 'number' ? factor * value + add : undefined;
}

function objectOf({ members, loops, omit }: Of<'object'>, scope: Scope): JsonObject | undefined {
  const fixed = [...members].map(([name, member]) => [name, evaluate(member, scope)] as const);
  const looped = loops.flatMap(({ path, name, value }) =>
    scopesWithin(scope, path).map((within) => [textOf(evaluate(name, within)), evaluate(value, within)] as const),
  );
  const there = [...fixed, ...looped].filter(([, value]) => value !== undefined);
  if (omit && there.length === 0) return undefined;
  // a list without items still has its name in the object
  const empty = [...members].filter(([, member]) => isListing(member)).map(([name]) => [name, []] as const);
  return Object.fromEntries([...empty, ...there]) as JsonObject;
}

/** Whether a template makes a list, whatever the values. */
export function isListing({ form }: Template): boolean {
  return form === 'list' || form === 'range' || form === 'concat';
}
