import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import { condition, inline, isInline, literal, type Loops, presence, reference } from './helm-expression.ts';
import type { Template } from './template.ts';

/** The members that documents begin with, in this order. */
const FIRST = ['apiVersion', 'kind', 'metadata', 'name', 'spec'];

/** What stands around lines. */
interface Around {
  /** The loops, from the outermost. */
  readonly loops: Loops;
  /** Conditions that hold there, since they were asked before. */
  readonly holds: readonly string[];
}

/** A template of objects as the text of a file of a chart. */
export function documentText(template: Template, around: Around = { loops: [], holds: [] }): string {
  return `${documentLines(asTree(template), around).join('\n')}\n`;
}

/** One object, or a list of objects: each is a document. */
function documentLines(template: Template, around: Around): string[] {
  switch (template.form) {
    case 'absent':
      return [];
    case 'if':
      return questionLines(template, around, documentLines);
    case 'list':
      return template.items.flatMap((item) => documentLines(item, around));
    case 'concat':
      return template.lists.flatMap((list) => documentLines(list, around));
    case 'range':
      return [loopLine(template, around), ...documentLines(template.item, inLoop(around, template.over)), '{{- end }}'];
    default:
      return ['---', ...memberLines(template, 0, around)];
  }
}

/** The members of an object. */
function memberLines(template: Template, indent: number, around: Around): string[] {
  if (template.form === 'merge') {
    const n = around.loops.length;
    const loop = `${pad(indent)}{{- range $key${n}, $value${n} := ${reference(template.path, around.loops)} }}`;
    const name = `{{ ${template.prefix === '' ? '' : `print ${JSON.stringify(template.prefix)} `}$key${n} | quote }}:`;
    const members = namedLines(name, template.value, indent, inLoop(around, 'map'));
    return [...memberLines(template.base, indent, around), loop, ...members, `${pad(indent)}{{- end }}`];
  }
  if (template.form !== 'object') throw new TypeError(`${template.form} has no members`);
  const rank = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const members = [...template.members].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return members.flatMap(([name, member]) => namedLines(key(name), member, indent, around));
}

/** A member, or an item (`name` is `-`). */
function namedLines(name: string, template: Template, indent: number, around: Around): string[] {
  const start = `${pad(indent)}${name}`;
  if (template.form === 'absent') return [];
  if (isInline(template)) return [`${start} ${inline(template, around.loops)}`];
  switch (template.form) {
    case 'if':
      return questionLines(template, around, (side, within) => namedLines(name, side, indent, within));
    case 'object':
    case 'merge':
      return orEmpty(
        `${start} {}`,
        presenceOf(template, around),
        [start, ...memberLines(template, indent + 2, around)],
        around,
      );
    default:
      return orEmpty(
        `${start} []`,
        presenceOf(template, around),
        [start, ...itemLines(template, indent, around)],
        around,
      );
  }
}

/** The items of a list. */
function itemLines(template: Template, indent: number, around: Around): string[] {
  switch (template.form) {
    case 'list':
      return template.items.flatMap((item) => namedLines('-', item, indent, around));
    case 'concat':
      return template.lists.flatMap((list) => itemLines(list, indent, around));
    case 'range': {
      const item = namedLines('-', template.item, indent, inLoop(around, template.over));
      return [`${pad(indent)}${loopLine(template, around)}`, ...item, `${pad(indent)}{{- end }}`];
    }
    default:
      throw new TypeError(`${template.form} has no items`);
  }
}

/** What is empty must be said, since a member without a value is null. */
function orEmpty(empty: string, isThere: string | boolean, lines: readonly string[], { holds }: Around): string[] {
  if (isThere === true || (isThere !== false && holds.includes(isThere))) return [...lines];
  if (isThere === false) return [empty];
  return [`{{- if ${isThere} }}`, ...lines, '{{- else }}', empty, '{{- end }}'];
}

/** When an object or a list has anything in it. */
function presenceOf(template: Template, around: Around): string | boolean {
  switch (template.form) {
    case 'object':
      return any([...template.members.values()].map((member) => presence(member, around.loops)));
    case 'merge':
      return any([presenceOf(template.base, around), reference(template.path, around.loops)]);
    case 'list':
      return any(template.items.map((item) => presence(item, around.loops)));
    case 'range':
      return reference(template.path, around.loops);
    case 'concat':
      return any(template.lists.map((list) => presenceOf(list, around)));
    default:
      return true;
  }
}

function any(conditions: readonly (string | boolean)[]): string | boolean {
  if (conditions.includes(true)) return true;
  const some = conditions.filter((one) => one !== false);
  return some.length < 2 ? (some[0] ?? false) : `(or ${some.join(' ')})`;
}

function questionLines(
  { question, met, otherwise }: Template & { readonly form: 'if' },
  around: Around,
  linesOf: (side: Template, around: Around) => string[],
): string[] {
  const asked = condition(question, around.loops);
  if (around.holds.includes(asked)) return linesOf(met, around);
  const yes = linesOf(met, { ...around, holds: [...around.holds, asked] });
  const no = linesOf(otherwise, around);
  if (yes.length === 0) return [`{{- if not ${asked} }}`, ...no, '{{- end }}'];
  return [`{{- if ${asked} }}`, ...yes, ...(no.length === 0 ? [] : ['{{- else }}', ...no]), '{{- end }}'];
}

function inLoop({ loops, holds }: Around, over: 'list' | 'map'): Around {
  return { loops: [...loops, over], holds };
}

function loopLine({ path, over }: Template & { readonly form: 'range' }, around: Around): string {
  const n = around.loops.length;
  const names = over === 'list' ? `$item${n}` : `$key${n}, $value${n}`;
  return `{{- range ${names} := ${reference(path, around.loops)} }}`;
}

/** The same with constants of objects and lists taken apart, which read better in lines. */
function asTree(template: Template): Template {
  switch (template.form) {
    case 'constant':
      return constantTree(template.value);
    case 'object':
      return { ...template, members: new Map([...template.members].map(([name, one]) => [name, asTree(one)])) };
    case 'merge':
      return { ...template, base: asTree(template.base), value: asTree(template.value) };
    case 'list':
      return { ...template, items: template.items.map(asTree) };
    case 'concat':
      return { ...template, lists: template.lists.map(asTree) };
    case 'range':
      return { ...template, item: asTree(template.item) };
    case 'if':
      return { ...template, met: asTree(template.met), otherwise: asTree(template.otherwise) };
    default:
      return template;
  }
}

function constantTree(value: JsonValue): Template {
  if (Array.isArray(value) && value.length > 0) return { form: 'list', items: value.map(constantTree) };
  if (isJsonObject(value) && Object.keys(value).length > 0)
    return { form: 'object', members: new Map(Object.entries(value).map(([name, one]) => [name, constantTree(one)])) };
  return { form: 'constant', value };
}

function key(name: string): string {
  return /^[A-Za-z][\w./-]*$/.test(name) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(name)
    ? `${name}:`
    : `${literal(name)}:`;
}

function pad(indent: number): string {
  return ' '.repeat(indent);
}
