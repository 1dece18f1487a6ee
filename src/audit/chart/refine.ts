import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { aligned, type Slot, slotsOf, withSlots } from './align.ts';
import { separate } from './decide.ts';
import { fitScalar } from './fit-scalar.ts';
import type { Fitting, Sample } from './fitting.ts';
import { normalized } from './normalized.ts';
import { refineParts } from './refine-text.ts';
import { sizeOf } from './size.ts';
import { evaluate, holds, isSame, type MemberLoop, type Of, scopesWithin, type Template, textOf } from './template.ts';

/**
 * Makes a template true for samples of any kind that was found from such as tell where everything comes from; undefined: it cannot.
 *
 * An empty text, or one that stands in two items, says nothing of its origin; but the template says which part of what came is of which of
 * its own parts, so that each can be looked at for itself: a copy that is in fact in small letters, a default that is for absent values alone.
 */
export function refine(template: Template, samples: readonly Sample[], fitting: Fitting): Template | undefined {
  if (gives(template, samples)) return template;
  for (const one of refined(template, samples, fitting)) if (one !== undefined && gives(one, samples)) return one;
  const anew = fitting.fit(samples);
  return anew && gives(anew, samples) ? anew : undefined;
}

/** Whether a template gives all samples, but for what says nothing. */
function gives(template: Template, samples: readonly Sample[]): boolean {
  return samples.every(({ scope, out }) => isSame(normalized(evaluate(template, scope) ?? null), plain(out)));
}

function plain(out: JsonValue | undefined): JsonValue | undefined {
  return out === undefined ? undefined : normalized(out);
}

/** Ways in which it could be. */
function* refined(template: Template, samples: readonly Sample[], fitting: Fitting): Generator<Template | undefined> {
  if (samples.every(({ out }) => out === undefined)) yield { form: 'absent' };
  if (isScalar(template)) {
    yield* refinedScalar(template, samples, fitting);
    return;
  }
  switch (template.form) {
    case 'object':
      yield refinedObject(template, samples, fitting);
      break;
    case 'list':
    case 'range':
    case 'concat':
      yield refinedList(template, samples, fitting);
      break;
    case 'if':
      yield* refinedChoice(template, samples, fitting);
  }
}

/** Whether no list or object is in it. */
export function isScalar(template: Template): boolean {
  switch (template.form) {
    case 'if':
      return isScalar(template.met) && isScalar(template.otherwise);
    case 'constant':
      return typeof template.value !== 'object';
    case 'object':
    case 'list':
    case 'range':
    case 'concat':
      return false;
    default:
      return true;
  }
}

function* refinedScalar(
  template: Template,
  samples: readonly Sample[],
  fitting: Fitting,
): Generator<Template | undefined> {
  const leaves = leavesOf(template);
  if (leaves.some(({ form }) => form === 'join')) yield* refinedJoin(template, samples, fitting);
  if (leaves.some((leaf) => leaf.form === 'apply' && leaf.function === 'b64enc'))
    yield refinedEncoded(template, samples, fitting);
  const anew = fitScalar(samples, fitting, leaves);
  if (anew?.form !== 'if') yield anew;
  // questions may explain by chance what one of its parts or sides does simply
  const ways: (Template | undefined)[] = [anew];
  if (template.form === 'text') ways.push(refineParts(template, samples, (part, of) => refine(part, of, fitting)));
  if (template.form === 'if') ways.push(...refinedChoice(template, samples, fitting));
  yield* ways.filter((way) => way !== undefined).sort((a, b) => sizeOf(a) - sizeOf(b));
}

/** The templates that questions decide between. */
function leavesOf(template: Template): readonly Template[] {
  return template.form === 'if' ? [...leavesOf(template.met), ...leavesOf(template.otherwise)] : [template];
}

function refinedEncoded(template: Template, samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const clear = samples.map(({ scope, out }): Sample => {
    return { scope, out: typeof out === 'string' ? Buffer.from(out, 'base64').toString('utf8') : out };
  });
  const inner = refine(decoded(template), clear, fitting);
  return inner && encoded(inner);
}

/** In clear what is encoded. */
export function decoded(template: Template): Template {
  if (template.form === 'if')
    return { ...template, met: decoded(template.met), otherwise: decoded(template.otherwise) };
  if (template.form === 'apply' && template.function === 'b64enc') return template.of;
  if (template.form !== 'constant') return template;
  return { form: 'constant', value: Buffer.from(textOf(template.value), 'base64').toString('utf8') };
}

function encoded(template: Template): Template {
  if (template.form === 'absent') return template;
  if (template.form === 'if')
    return { ...template, met: encoded(template.met), otherwise: encoded(template.otherwise) };
  return { form: 'apply', function: 'b64enc', of: template };
}

/** A question that has other sides, or another question. */
function* refinedChoice(
  template: Of<'if'>,
  samples: readonly Sample[],
  fitting: Fitting,
): Generator<Template | undefined> {
  const { question } = template;
  const asked = (isMet: (sample: Sample) => boolean, by = question): Template | undefined => {
    const met = refine(template.met, samples.filter(isMet), fitting);
    if (met === undefined) return undefined;
    const otherwise = refine(
      template.otherwise,
      samples.filter((sample) => !isMet(sample)),
      fitting,
    );
    return otherwise && { form: 'if', question: by, met, otherwise };
  };
  yield asked(({ scope }) => holds(question, scope));
  const isLikeMet = (sample: Sample): boolean => {
    if (template.otherwise.form === 'absent') return sample.out !== undefined;
    if (template.met.form === 'absent') return sample.out === undefined;
    const [met, otherwise] = [template.met, template.otherwise].map((side) => evaluate(side, sample.scope));
    if (isSame(met, sample.out) !== isSame(otherwise, sample.out)) return isSame(met, sample.out);
    return shapeOf(met) === shapeOf(sample.out) && shapeOf(otherwise) !== shapeOf(sample.out);
  };
  const scopes = samples.map(({ scope }) => scope);
  const other = separate(scopes, (i) => isLikeMet(samples[i]!), fitting.about(samples).asked);
  if (other !== undefined) yield asked(isLikeMet, other);
}

function shapeOf(value: JsonValue | undefined): string {
  return isJsonObject(value) ? Object.keys(value).sort().join() : Array.isArray(value) ? 'list' : typeof value;
}

function refinedObject(
  { members, loops, omit }: Of<'object'>,
  samples: readonly Sample[],
  fitting: Fitting,
): Template | undefined {
  if (!samples.every(({ out }) => out === undefined || isJsonObject(out))) return undefined;
  const outs = samples.map(({ out = {} }) => out as JsonObject);
  const taken = outs.map(() => new Set<string>(members.keys()));
  const refinedLoops: MemberLoop[] = [];
  for (const loop of loops) {
    const found = refinedLoop(loop, samples, outs, taken, fitting);
    if (found === undefined) return undefined;
    refinedLoops.push(found);
  }
  if (outs.some((out, i) => Object.keys(out).some((name) => !taken[i]!.has(name)))) return undefined;
  const refinedMembers = new Map<string, Template>();
  for (const [name, member] of members) {
    const of = refine(
      member,
      samples.map(({ scope }, i) => ({ scope, out: outs[i]![name] })),
      fitting,
    );
    if (of === undefined) return undefined;
    refinedMembers.set(name, of);
  }
  return { form: 'object', members: refinedMembers, loops: refinedLoops, omit };
}

/** Members that are named for items: those whose name is not as it would be are the items whose member is not there. */
function refinedLoop(
  loop: MemberLoop,
  samples: readonly Sample[],
  outs: readonly JsonObject[],
  taken: readonly Set<string>[],
  fitting: Fitting,
): MemberLoop | undefined {
  const items = samples.map(({ scope }) => scopesWithin(scope, loop.path));
  const named = items.flatMap((of, i): Sample[] => {
    const names = of.map((scope) => textOf(evaluate(loop.name, scope)));
    const left = Object.keys(outs[i]!).filter((name) => !taken[i]!.has(name) && !names.includes(name));
    const missing = of.filter((_, at) => !Object.hasOwn(outs[i]!, names[at]!));
    const known = of.flatMap((scope, at) => (missing.includes(scope) ? [] : [{ scope, out: names[at]! }]));
    // one of each is the same; of several it is not known which is which
    return left.length === 1 && missing.length === 1 ? [...known, { scope: missing[0]!, out: left[0]! }] : known;
  });
  const name = refine(loop.name, named, fitting);
  if (name === undefined) return undefined;
  const values = items.flatMap((of, i): Sample[] => {
    const names = of.map((scope) => textOf(evaluate(name, scope)));
    // of items with one name the last one counts
    const last = of.filter((_, at) => names.lastIndexOf(names[at]!) === at);
    for (const one of names) taken[i]!.add(one);
    return last.map((scope) => ({ scope, out: outs[i]![textOf(evaluate(name, scope))] }));
  });
  const value = refine(loop.value, values, fitting);
  return value && { ...loop, name, value };
}

function refinedList(template: Template, samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const parts = new Map<Template, Sample[]>();
  for (const { scope, out = [] } of samples) {
    const slots = slotsOf(template, scope);
    if (slots === undefined || !Array.isArray(out)) return undefined;
    const places = aligned(slots, out);
    if (places === undefined) return undefined;
    slots.forEach((slot, at) => note(parts, slot, places[at] === undefined ? undefined : out[places[at]]));
  }
  const found = new Map<Template, Template>();
  for (const [part, of] of parts) {
    const other = refine(part, of, fitting);
    if (other === undefined) return undefined;
    found.set(part, other);
  }
  return withSlots(template, found);
}

function note(parts: Map<Template, Sample[]>, { template, scope }: Slot, out: JsonValue | undefined): void {
  const known = parts.get(template);
  if (known === undefined) parts.set(template, [{ scope, out }]);
  else known.push({ scope, out });
}

/** A joined text by its pieces, where these can be told from each other. */
function* refinedJoin(
  template: Template,
  samples: readonly Sample[],
  fitting: Fitting,
): Generator<Template | undefined> {
  if (template.form === 'text') yield refineParts(template, samples, (part, of) => refine(part, of, fitting));
  if (template.form !== 'join') return;
  const pieces = samples.map(({ scope, out }): Sample => {
    return { scope, out: typeof out !== 'string' || out === '' ? [] : out.split(template.separator) };
  });
  // a piece that has the separator in it is several: these samples are for the end
  const clear = pieces.filter(({ scope, out }) => {
    const slots = slotsOf(template.list, scope);
    return slots !== undefined && aligned(slots, out as JsonValue[]) !== undefined;
  });
  const list = refinedList(template.list, clear, fitting);
  yield list && { ...template, list };
}
