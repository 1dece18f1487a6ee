import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import { negated } from './decide.ts';
import {
  condition,
  content,
  inline,
  isInline,
  joinsIn,
  literal,
  madeIn,
  nameOfMade,
  presence,
  reference,
  type Site,
  text,
} from './helm-expression.ts';
import { madeOnce } from './made-once.ts';
import { isListing, type MemberLoop, type Of, type Path, type Predicate, type Template } from './template.ts';

/** The members that documents begin with, in this order. */
const FIRST = ['apiVersion', 'kind', 'metadata', 'name', 'spec'];

/** What stands around lines. */
interface Around extends Site {
  /** Conditions that hold there, since they were asked before. */
  readonly holds: readonly string[];
  /** It is asked for as JSON, in which a member that is null is there. */
  readonly isExact?: boolean;
}

const NOWHERE: Around = { loops: [], lists: new Map(), holds: [] };

/** A template of objects as the text of a file of a chart. */
export function documentText(template: Template): string {
  return `${indented(documentLines(asTree(template), NOWHERE)).join('\n')}\n`;
}

/** The objects of which templates have the JSON, each as a template with a name. */
export function definitionsText(templates: readonly Template[]): string {
  const made = new Map(templates.flatMap(madeIn).map((one) => [nameOfMade(one), one]));
  return [...made]
    .map(([name, one]) => {
      const lines = indented(memberLines(asTree(one), 0, { ...NOWHERE, isExact: true }));
      return `{{- define "${name}" }}\n${lines.join('\n')}\n{{- end }}\n`;
    })
    .join('');
}

/** Questions stand as deep as what they are about. */
function indented(lines: readonly string[]): string[] {
  const open: string[] = [];
  return lines.map((line, i) => {
    if (!line.trimStart().startsWith('{{- ')) return line;
    const word = /^\s*\{\{- (\w+)/.exec(line)?.[1];
    if (word === 'end') return open.pop() + line.trimStart();
    if (word === 'else') return open.at(-1) + line.trimStart();
    const next = lines.slice(i).find((one) => !one.startsWith('{{- ')) ?? '';
    const pad = line.startsWith(' ') ? /^ */.exec(line)![0] : /^ */.exec(next)![0];
    if (word === 'if' || word === 'range') open.push(pad);
    return pad + line.trimStart();
  });
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
      return loopLines(template, 0, around, (within) => documentLines(template.item, within));
    default:
      return ['---', ...keptLines(template, around), ...memberLines(template, 0, around)];
  }
}

/** What there is of a Secret that has values which are made once, as a variable. */
function keptLines(template: Template, around: Around): string[] {
  if (template.form !== 'object' || !hasMadeOnce(template)) return [];
  const metadata = template.members.get('metadata');
  const name = metadata?.form === 'object' ? metadata.members.get('name') : undefined;
  if (name === undefined) throw new TypeError('A Secret has no name');
  return [`{{- $kept := (lookup "v1" "Secret" $.Release.Namespace ${text(name, around)}).data | default dict }}`];
}

function hasMadeOnce(template: Template): boolean {
  if (template.form === 'constant') return madeOnce(template.value) !== undefined;
  if (template.form === 'if') return hasMadeOnce(template.met) || hasMadeOnce(template.otherwise);
  return template.form === 'object' && [...template.members.values()].some(hasMadeOnce);
}

/** The members of an object. */
function memberLines(template: Template, indent: number, around: Around): string[] {
  if (template.form !== 'object') throw new TypeError(`${template.form} has no members`);
  const rank = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const members = [...template.members].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return [
    ...members.flatMap(([name, member]) => namedLines(key(name), member, indent, around, around.isExact)),
    ...template.loops.flatMap((loop) => memberLoopLines(loop, indent, around)),
  ];
}

function memberLoopLines(loop: MemberLoop, indent: number, around: Around): string[] {
  return loopLines(loop, indent, around, (within) => {
    const name = `{{ ${text(loop.name, within)} | quote }}:`;
    return namedLines(name, loop.value, indent, within);
  });
}

/** A member, or an item (`name` is `-`); `saysEmpty`: a list without items is written, too. */
function namedLines(name: string, template: Template, indent: number, around: Around, saysEmpty = false): string[] {
  const start = `${pad(indent)}${name}`;
  if (template.form === 'absent') return [];
  if (template.form === 'if' && !isChoice(template))
    return questionLines(template, around, (side, within) => namedLines(name, side, indent, within));
  if (isInline(template)) {
    const { lines, site } = listLines(template, indent, around);
    // a member that is null is as good as none, and an item is not
    const isNullFine = name !== '-' && template.form === 'copy' && !around.isExact;
    return whereThere(isNullFine || presence(template), [...lines, `${start} ${inline(template, site)}`], [], around);
  }
  if (template.form === 'object') {
    const lines = itemStart(start, memberLines(template, indent + 2, around));
    return whereThere(content(template), lines, template.omit ? [] : [`${start} ${emptyText(template)}`], around);
  }
  // the items of a list that is itself an item stand deeper, or they would be those of the list around
  const items = itemLines(template, name === '-' ? indent + 2 : indent, around);
  return whereThere(
    content(template),
    [start, ...items],
    saysEmpty && isListing(template) ? [`${start} []`] : [],
    around,
  );
}

/** An object none of whose members has a value: its lists are there, without items. */
function emptyText({ members }: Of<'object'>): string {
  const lists = [...members].filter(([, member]) => isListing(member)).map(([name]) => `${key(name)} []`);
  return `{${lists.join(', ')}}`;
}

/** An item begins in the line of its first member. */
function itemStart(start: string, [first = '', ...lines]: readonly string[]): string[] {
  const isMember = start.trimStart() === '-' && !first.trimStart().startsWith('{{-');
  return isMember ? [`${start} ${first.trimStart()}`, ...lines] : [start, first, ...lines];
}

/** Whether a question is asked behind the colon: one of two short values, which are there in any case. */
function isChoice(template: Of<'if'>): boolean {
  return isInline(template) && presence(template.met) === true && presence(template.otherwise) === true
    ? joinsIn(template).length === 0
    : template.met.form === 'copy' && template.otherwise.form === 'constant' && isInline(template);
}

/** The items of a list. */
function itemLines(template: Template, indent: number, around: Around): string[] {
  switch (template.form) {
    case 'list':
      return template.items.flatMap((item) => namedLines('-', item, indent, around));
    case 'concat':
      return template.lists.flatMap((list) => itemLines(list, indent, around));
    case 'range':
      return loopLines(template, indent, around, (within) =>
        template.flat ? itemLines(template.item, indent, within) : namedLines('-', template.item, indent, within),
      );
    case 'if':
      return questionLines(template, around, (side, within) => itemLines(side, indent, within));
    case 'absent':
      return [];
    default:
      return [`${pad(indent)}{{- toYaml ${wholeList(template, around)} | nindent ${indent} }}`];
  }
}

function wholeList(template: Template, around: Around): string {
  if (template.form === 'copy') return reference(template.path, around);
  throw new TypeError(`${template.form} has no items`);
}

/** The lists of texts that a template joins, as variables. */
function listLines(
  template: Template,
  indent: number,
  around: Around,
): { readonly lines: string[]; readonly site: Around } {
  const lists = new Map(around.lists);
  const lines: string[] = [];
  for (const join of joinsIn(template)) {
    const name = `$texts${lists.size}`;
    lists.set(join, name);
    lines.push(`${pad(indent)}{{- ${name} := list }}`);
    lines.push(...appendLines(join.list, name, indent, around));
  }
  return { lines, site: { ...around, lists } };
}

function appendLines(template: Template, name: string, indent: number, around: Around): string[] {
  switch (template.form) {
    case 'absent':
      return [];
    case 'list':
      return template.items.flatMap((item) => appendLines(item, name, indent, around));
    case 'concat':
      return template.lists.flatMap((list) => appendLines(list, name, indent, around));
    case 'range':
      return loopLines(template, indent, around, (within) => appendLines(template.item, name, indent, within));
    case 'if':
      if (presence(template) !== true || template.met.form === 'list')
        return questionLines(template, around, (side, within) => appendLines(side, name, indent, within));
  }
  const { lines, site } = listLines(template, indent, around);
  return [...lines, `${pad(indent)}{{- ${name} = append ${name} ${text(template, site)} }}`];
}

/** What is empty must be said where it is not nothing, since a member without a value is null. */
function whereThere(
  isThere: Predicate | boolean,
  lines: readonly string[],
  empty: readonly string[],
  around: Around,
): string[] {
  if (isThere === false) return [...empty];
  if (isThere === true) return [...lines];
  const asked = condition(isThere, around);
  if (around.holds.includes(asked)) return [...lines];
  const otherwise = empty.length === 0 ? [] : ['{{- else }}', ...empty];
  return [`{{- if ${asked} }}`, ...lines, ...otherwise, '{{- end }}'];
}

function questionLines(
  { question, met, otherwise }: Of<'if'>,
  around: Around,
  linesOf: (side: Template, around: Around) => string[],
): string[] {
  const asked = condition(question, around);
  if (around.holds.includes(asked)) return linesOf(met, around);
  const opposite = condition(negated(question), around);
  if (around.holds.includes(opposite)) return linesOf(otherwise, around);
  const yes = linesOf(met, { ...around, holds: [...around.holds, asked, ...conjuncts(question, around)] });
  const no = linesOf(otherwise, { ...around, holds: [...around.holds, opposite] });
  if (yes.length === 0 && no.length === 0) return [];
  if (yes.length === 0) return [`{{- if ${opposite} }}`, ...no, '{{- end }}'];
  return [`{{- if ${asked} }}`, ...yes, ...elseLines(no), '{{- end }}'];
}

/** What else holds where a question does. */
function conjuncts(question: Predicate, around: Around): string[] {
  return question.is === 'all' ? question.of.flatMap((one) => [condition(one, around), ...conjuncts(one, around)]) : [];
}

/** `else if`, where nothing but a question stands on the other side. */
function elseLines(no: readonly string[]): string[] {
  if (no.length === 0) return [];
  return ['{{- else }}', ...no];
}

function loopLines(
  { path, over }: { readonly path: Path; readonly over: 'list' | 'map' },
  indent: number,
  around: Around,
  linesOf: (within: Around) => string[],
): string[] {
  const n = around.loops.length;
  const names = over === 'list' ? `$item${n}` : `$key${n}, $value${n}`;
  const line = `${pad(indent)}{{- range ${names} := ${reference(path, around)} }}`;
  return [line, ...linesOf({ ...around, loops: [...around.loops, over] }), `${pad(indent)}{{- end }}`];
}

/** The same with constants of objects and lists taken apart, which read better in lines. */
function asTree(template: Template): Template {
  switch (template.form) {
    case 'constant':
      return constantTree(template.value);
    case 'object': {
      const members = new Map([...template.members].map(([name, one]) => [name, asTree(one)]));
      return { ...template, members, loops: template.loops.map((loop) => ({ ...loop, value: asTree(loop.value) })) };
    }
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
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    const members = new Map(Object.entries(value).map(([name, one]) => [name, constantTree(one)]));
    return { form: 'object', members, loops: [], omit: false };
  }
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
