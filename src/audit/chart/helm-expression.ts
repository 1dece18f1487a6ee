import { createHash } from 'node:crypto';
import type { JsonValue } from 'nekube/apimachinery';
import { negated } from './decide.ts';
import { type MadeOnce, madeOnce } from './made-once.ts';
import { goJson, type Of, type Path, type Predicate, type Template } from './template.ts';

/** Texts that are also what Go prints for other values. */
const LIKE_OTHERS = /^(-?[\d.]+(e[+-]?\d+)?|true|false|<nil>|\[.*|\{.*|map\[.*)$/is;

/** Where an expression stands. */
export interface Site {
  /** What the loops around are over, from the outermost: their items are called otherwise. */
  readonly loops: readonly ('list' | 'map')[];
  /** The variables that have the lists of texts that are joined. */
  readonly lists: ReadonlyMap<Template, string>;
}

/** A value of the scope in Helm's language; where anything on the way is missing it is nil. */
export function reference([root = '', ...rest]: Path, { loops }: Site): string {
  const loop = /^item(\d+)$/.exec(root);
  if (loop === null) return within(`$.${root}`, rest);
  const n = Number(loop[1]);
  if (loops[n] === 'list') return within(`$item${n}`, rest);
  const [part, ...below] = rest;
  return within(part === 'key' ? `$key${n}` : `$value${n}`, below);
}

function within(start: string, path: readonly string[]): string {
  return path.reduce((of, name, i) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) return `(get (${of} | default dict) ${JSON.stringify(name)})`;
    // what a chart has is always there
    return i === 0 && start.startsWith('$') && !of.startsWith('(') ? `${of}.${name}` : `(${of}).${name}`;
  }, start);
}

/** A question, as the argument of `if`. */
export function condition(question: Predicate, site: Site): string {
  switch (question.is) {
    case 'not':
      return `(not ${condition(question.of, site)})`;
    case 'all':
      return `(and ${question.of.map((one) => condition(one, site)).join(' ')})`;
    case 'any':
      return `(or ${question.of.map((one) => condition(one, site)).join(' ')})`;
  }
  const value = reference(question.path, site);
  switch (question.is) {
    case 'truthy':
      return value;
    case 'set':
      return `(not (kindIs "invalid" ${value}))`;
    case 'equal':
      return typeof question.value === 'string' && !LIKE_OTHERS.test(question.value)
        ? `(eq (${value} | toString) ${JSON.stringify(question.value)})`
        : `(eq (${value} | toJson) ${JSON.stringify(goJson(question.value))})`;
    case 'greater': {
      const asked = `(gt (int64 ${value}) ${question.than < 0 ? `(${question.than})` : question.than})`;
      // what is not there is 0 for Helm, and no number here
      return question.than < 0 ? `(and (not (kindIs "invalid" ${value})) ${asked})` : asked;
    }
  }
}

/** When a template gives anything: a question, or that it always or never does. */
export function presence(template: Template): Predicate | boolean {
  if (template.form === 'absent') return false;
  if (template.form === 'copy') return template.maybe ? { is: 'set', path: template.path } : true;
  if (template.form === 'affine') return template.maybe ? { is: 'set', path: template.path } : true;
  if (template.form === 'apply') return presence(template.of);
  if (template.form === 'object') return template.omit ? anyMember(template) : true;
  if (template.form !== 'if') return content(template);
  const [met, otherwise] = [presence(template.met), presence(template.otherwise)];
  if (met === otherwise && typeof met === 'boolean') return met;
  return either(both(template.question, met), both(negated(template.question), otherwise));
}

/** When an object or a list has anything in it. */
export function content(template: Template): Predicate | boolean {
  switch (template.form) {
    case 'object':
      return anyMember(template);
    case 'list':
      return any(template.items.map(presence));
    case 'range':
      return both({ is: 'truthy', path: template.path }, true);
    case 'concat':
      return any(template.lists.map(content));
    default:
      return true;
  }
}

function anyMember({ members, loops }: Of<'object'>): Predicate | boolean {
  const looped = loops.map(({ path }): Predicate => ({ is: 'truthy', path }));
  return any([...[...members.values()].map(presence), ...looped]);
}

/** One of several. */
export function any(questions: readonly (Predicate | boolean)[]): Predicate | boolean {
  return questions.reduce(either, false);
}

function both(question: Predicate, other: Predicate | boolean): Predicate | boolean {
  if (typeof other === 'boolean') return other ? question : false;
  return { is: 'all', of: [question, other] };
}

function either(a: Predicate | boolean, b: Predicate | boolean): Predicate | boolean {
  if (a === true || b === true) return true;
  if (a === false) return b;
  if (b === false || JSON.stringify(a) === JSON.stringify(b)) return a;
  return { is: 'any', of: [...(a.is === 'any' ? a.of : [a]), b] };
}

/** Whether a template is written in one line, as the value of a member. */
export function isInline(template: Template): boolean {
  switch (template.form) {
    case 'constant':
      return template.value === null || typeof template.value !== 'object' || Object.keys(template.value).length === 0;
    case 'copy':
    case 'text':
    case 'affine':
    case 'apply':
    case 'join':
      return true;
    case 'if':
      return isInline(template.met) && isInline(template.otherwise);
    default:
      return false;
  }
}

/** The joined lists in an inline template, the innermost first. */
export function joinsIn(template: Template): readonly Of<'join'>[] {
  switch (template.form) {
    case 'join':
      return [template];
    case 'text':
      return template.parts.flatMap((part) => (typeof part === 'string' ? [] : joinsIn(part)));
    case 'apply':
      return joinsIn(template.of);
    case 'if':
      return [...joinsIn(template.met), ...joinsIn(template.otherwise)];
    default:
      return [];
  }
}

/** An inline template as it stands behind a colon. */
export function inline(template: Template, site: Site): string {
  switch (template.form) {
    case 'constant':
      return literal(template.value);
    case 'copy':
      return `{{ toJson ${reference(template.path, site)} }}`;
    case 'affine':
      return `{{ ${affine(template, site)} }}`;
    case 'if': {
      const defaulted = orDefault(template, site);
      if (defaulted !== undefined) return `{{ toJson ${defaulted} }}`;
      return `{{ if ${condition(template.question, site)} }}${inline(template.met, site)}{{ else }}${inline(template.otherwise, site)}{{ end }}`;
    }
    default:
      return `{{ ${text(template, site)} | toJson }}`;
  }
}

/** A constant, in which nothing is taken for a template. */
export function literal(value: JsonValue): string {
  const made = madeOnce(value);
  if (made !== undefined) return keptOrMade(made);
  return JSON.stringify(value).replaceAll('{{', '{{ "{{" }}');
}

/** What the Secret has that there is, or else a new value. */
function keptOrMade({ member, key, by, length }: Omit<MadeOnce, 'secret'>): string {
  const kept = `get $kept ${JSON.stringify(key)}`;
  return member === 'data'
    ? `{{ ${kept} | default (${by} ${length} | b64enc) | toJson }}`
    : `{{ ${kept} | b64dec | default (${by} ${length}) | toJson }}`;
}

/** A value, or what stands for it; undefined: that is not what is asked. */
function orDefault({ question, met, otherwise }: Of<'if'>, site: Site): string | undefined {
  if (question.is !== 'truthy' || met.form !== 'copy' || otherwise.form !== 'constant') return undefined;
  if (typeof otherwise.value === 'object' || met.path.join('\0') !== question.path.join('\0')) return undefined;
  return `(${reference(met.path, site)} | default ${JSON.stringify(otherwise.value)})`;
}

/** A template of a text as an expression. */
export function text(template: Template, site: Site): string {
  switch (template.form) {
    case 'constant':
      return JSON.stringify(typeof template.value === 'string' ? template.value : JSON.stringify(template.value));
    case 'copy':
      return `(include "text" ${reference(template.path, site)})`;
    case 'affine':
      return `(${affine(template, site)} | toString)`;
    case 'apply':
      if (!isOfJson(template)) return `(${text(template.of, site)} | ${called(template)})`;
      return template.of.form === 'copy'
        ? `(${template.function} ${reference(template.of.path, site)})`
        : `(include "${nameOfMade(template.of)}" $ | fromYaml | ${template.function})`;
    case 'join':
      return `(join ${JSON.stringify(template.separator)} ${site.lists.get(template)})`;
    case 'if': {
      const defaulted = orDefault(template, site);
      if (defaulted !== undefined) return `(include "text" ${defaulted})`;
      const question = condition(template.question, site);
      return `(ternary ${text(template.met, site)} ${text(template.otherwise, site)} (not (not ${question})))`;
    }
    case 'text':
      return printed(template, site);
    default:
      throw new TypeError(`No text can be made of ${template.form}`);
  }
}

function isOfJson({ function: name }: Of<'apply'>): boolean {
  return name === 'toJson' || name === 'toRawJson';
}

/** The objects of which an inline template has the JSON: each must be defined as a template of its own. */
export function madeIn(template: Template): readonly Template[] {
  switch (template.form) {
    case 'apply':
      return isOfJson(template) ? (template.of.form === 'copy' ? [] : [template.of]) : madeIn(template.of);
    case 'text':
      return template.parts.flatMap((part) => (typeof part === 'string' ? [] : madeIn(part)));
    case 'if':
      return [...madeIn(template.met), ...madeIn(template.otherwise)];
    case 'object':
      return [...template.members.values()].flatMap(madeIn);
    case 'list':
      return template.items.flatMap(madeIn);
    case 'concat':
      return template.lists.flatMap(madeIn);
    default:
      return [];
  }
}

/** How an object is called that is defined as a template of its own: the same object always alike. */
export function nameOfMade(template: Template): string {
  const text = JSON.stringify(template, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  return `made-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

function called({ function: name, argument }: Of<'apply'>): string {
  return argument === undefined ? name : `${name} ${JSON.stringify(argument)}`;
}

function printed({ parts }: Of<'text'>, site: Site): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') return text(only, site);
  const form = parts.map((part) => (typeof part === 'string' ? part.replaceAll('%', '%%') : '%s')).join('');
  const values = parts.filter((part) => typeof part !== 'string').map((part) => text(part, site));
  return `(printf ${[JSON.stringify(form), ...values].join(' ')})`;
}

function affine({ path, factor, add }: Of<'affine'>, site: Site): string {
  const value = `int64 ${reference(path, site)}`;
  const product = factor === 1 ? `(${value})` : `(mul ${factor} (${value}))`;
  return add === 0 ? product : `add ${product} ${add < 0 ? `(${add})` : add}`;
}
