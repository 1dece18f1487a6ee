import type { JsonValue } from 'nekube/apimachinery';
import type { Path, Predicate, Template } from './template.ts';

/** What loops around are over, from the outermost: their items are called otherwise. */
export type Loops = readonly ('list' | 'map')[];

/** A value of the scope in Helm's language; where anything on the way is missing it is nil. */
export function reference([root = '', ...rest]: Path, loops: Loops): string {
  const loop = /^item(\d+)$/.exec(root);
  if (loop === null) return within(`$.${root}`, rest);
  const n = Number(loop[1]);
  if (loops[n] === 'list') return within(`$item${n}`, rest);
  const [part, ...below] = rest;
  return within(part === 'key' ? `$key${n}` : `$value${n}`, below);
}

function within(start: string, path: readonly string[]): string {
  return path.reduce(
    (of, name) =>
      /^[A-Za-z_]\w*$/.test(name) ? `(${of}).${name}` : `(get (${of} | default dict) ${JSON.stringify(name)})`,
    start,
  );
}

/** A question, as the argument of `if`. */
export function condition(question: Predicate, loops: Loops): string {
  const value = reference(question.path, loops);
  switch (question.is) {
    case 'truthy':
      return value;
    case 'set':
      return `(not (kindIs "invalid" ${value}))`;
    case 'equal':
      return typeof question.value === 'string'
        ? `(eq (${value} | toString) ${JSON.stringify(question.value)})`
        : `(eq (${value} | toJson) ${JSON.stringify(JSON.stringify(question.value))})`;
    case 'greater':
      return `(gt (int64 ${value}) ${question.than})`;
  }
}

/** When a template gives anything: a condition, or that it always or never does. */
export function presence(template: Template, loops: Loops): string | boolean {
  if (template.form === 'absent') return false;
  if (template.form !== 'if') return true;
  const [met, otherwise] = [presence(template.met, loops), presence(template.otherwise, loops)];
  if (met === otherwise && typeof met === 'boolean') return met;
  const question = condition(template.question, loops);
  return either(both(question, met), both(`(not ${question})`, otherwise));
}

/** Whether a template is written in one line, as the value of a member. */
export function isInline(template: Template): boolean {
  switch (template.form) {
    case 'constant':
      return template.value === null || typeof template.value !== 'object' || isEmpty(template.value);
    case 'copy':
    case 'text':
    case 'affine':
    case 'apply':
      return true;
    case 'if':
      return isInline(template.met) && isInline(template.otherwise);
    default:
      return false;
  }
}

/** An inline template as it stands behind a colon. */
export function inline(template: Template, loops: Loops): string {
  switch (template.form) {
    case 'constant':
      return literal(template.value);
    case 'copy':
      return `{{ toJson ${reference(template.path, loops)} }}`;
    case 'affine':
      return `{{ ${affine(template, loops)} }}`;
    case 'if':
      return `{{ if ${condition(template.question, loops)} }}${inline(template.met, loops)}{{ else }}${inline(template.otherwise, loops)}{{ end }}`;
    default:
      return `{{ ${text(template, loops)} | toJson }}`;
  }
}

/** A constant, in which nothing is taken for a template. */
export function literal(value: JsonValue): string {
  return JSON.stringify(value).replaceAll('{{', '{{ "{{" }}');
}

/** A template of a text as an expression. */
function text(template: Template, loops: Loops): string {
  switch (template.form) {
    case 'constant':
      return JSON.stringify(template.value);
    case 'copy':
      return `(include "text" ${reference(template.path, loops)})`;
    case 'apply':
      return `(${text(template.of, loops)} | ${template.function})`;
    case 'text': {
      const form = template.parts
        .map((part) => (typeof part === 'string' ? part.replaceAll('%', '%%') : '%s'))
        .join('');
      const values = template.parts.filter((part): part is Path => typeof part !== 'string');
      const all = values.map((path) => `(include "text" ${reference(path, loops)})`);
      return `(printf ${JSON.stringify(form)} ${all.join(' ')})`;
    }
    default:
      throw new TypeError(`No text can be made of ${template.form}`);
  }
}

function affine({ path, factor, add }: Template & { readonly form: 'affine' }, loops: Loops): string {
  const value = `int64 ${reference(path, loops)}`;
  const product = factor === 1 ? `(${value})` : `(mul ${factor} (${value}))`;
  return add === 0 ? product : `add ${product} ${add}`;
}

function both(condition_: string, other: string | boolean): string | boolean {
  if (typeof other === 'boolean') return other ? condition_ : false;
  return `(and ${condition_} ${other})`;
}

function either(a: string | boolean, b: string | boolean): string | boolean {
  if (a === false) return b;
  if (b === false) return a;
  return a === true || b === true ? true : `(or ${a} ${b})`;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
