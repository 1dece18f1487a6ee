import { isJsonObject, type JsonObject, jsonEqual, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { newFitting, type Sample } from './fit.ts';
import type { Fitting } from './fitting.ts';
import type { Counterexample } from './counterexample.ts';
import { formOfName, NAME, VALUE } from './made-once.ts';
import { normalized } from './normalized.ts';
import { bestTerm } from './fit-scalar.ts';
import { evaluate, isSame, type Scope, type Template } from './template.ts';

/** Values, and the objects that an operator made of them. */
export interface Example {
  readonly values: JsonObject;
  readonly name: string;
  readonly namespace: string;
  readonly objects: readonly KubeObject[];
}

/** A chart's templates, each of one object or of several of a kind. */
export interface ChartTemplates {
  /** By a name for its file. */
  readonly files: ReadonlyMap<string, Template>;
}

/** Why there is no chart: what could not be explained. */
export interface Refusal {
  /** Of which objects, and where. */
  readonly place: string;
  readonly why: string;
  readonly counterexample?: Counterexample;
}

/** Templates that give all examples; or the first thing for which there is none. */
export function synthesize(examples: readonly Example[]): ChartTemplates | Refusal {
  const files = new Map<string, Template>();
  const fitting = newFitting();
  for (const [place, samples] of placesOf(examples)) {
    fitting.renew();
    const template = fitting.fit(samples);
    if (template === undefined) return unexplained(place, samples, fitting);
    if (template.form !== 'absent') files.set(place, template);
  }
  return { files };
}

/** Whether there is none. */
export function isRefusal(found: ChartTemplates | Refusal): found is Refusal {
  return 'why' in found;
}

/** The objects that templates give for values, for comparison with what an operator made. */
export function objectsOf(
  { files }: ChartTemplates,
  { values, name, namespace }: Omit<Example, 'objects'>,
): readonly JsonObject[] {
  const scope = scopeOf({ values, name, namespace });
  const results = [...files.values()].flatMap((template) => evaluate(template, scope) ?? []);
  return (results as JsonValue[]).filter(isJsonObject);
}

/** Whether templates give what an operator made: the same objects, in any order, without what says nothing. */
export function explains(templates: ChartTemplates, example: Example): boolean {
  return isSameSet(objectsOf(templates, example), example.objects as readonly unknown[] as readonly JsonObject[]);
}

/** Whether two lists have the same objects, after normalization. */
export function isSameSet(a: readonly JsonObject[], b: readonly JsonObject[]): boolean {
  const left = a.map((one) => normalized(one));
  return (
    a.length === b.length &&
    b.every((one) => {
      const at = left.findIndex((other) => jsonEqual(other ?? null, normalized(one) ?? null));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    })
  );
}

/**
 * The places in which objects stand: one for a kind of which there is one at most, or else one for each way in which they are called; a
 * place has a list of objects where there are several of these.
 */
function placesOf(examples: readonly Example[]): Map<string, Sample[]> {
  const called = examples.map((example) => example.objects.map((object) => formOfName(object, example)));
  const kinds = new Set(examples.flatMap(({ objects }) => objects.map(({ kind = '' }) => kind)));
  const places = new Map<string, Sample[]>();
  for (const kind of kinds) {
    const isSingle = examples.every(({ objects }) => objects.filter((one) => one.kind === kind).length <= 1);
    const forms = examples.flatMap(({ objects }, i) => called[i]!.filter((_, j) => objects[j]!.kind === kind));
    for (const form of isSingle ? [undefined] : new Set(forms)) {
      const found = examples.map(({ objects }, i) =>
        objects.filter((one, j) => one.kind === kind && (form === undefined || called[i]![j] === form)),
      );
      const isList = found.some(({ length }) => length > 1);
      const samples = examples.map((example, i): Sample => {
        const out = isList ? (found[i]!.length === 0 ? undefined : found[i]) : found[i]![0];
        return { scope: scopeOf(example), out: out as unknown as JsonValue | undefined };
      });
      places.set(freeName(fileOf(kind, form, isList), places), samples);
    }
  }
  return places;
}

function fileOf(kind: string, form: string | undefined, isList: boolean): string {
  const suffix = (form ?? '')
    .replaceAll(NAME, '')
    .replaceAll(VALUE, '')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .replace(/[^a-z0-9]+/g, '-');
  return [kind.toLowerCase(), suffix, isList ? 'all' : ''].filter((part) => part !== '').join('-');
}

function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}-${i}`;
  return free;
}

function scopeOf({ values, name, namespace }: Omit<Example, 'objects'>): Scope {
  return { Values: values, Release: { Name: name, Namespace: namespace }, items: [] };
}

/** The smallest part of a place that has no template, and a sample that what explains most of them has wrong. */
function unexplained(place: string, samples: readonly Sample[], fitting: Fitting, path = ''): Refusal {
  for (const [name, part] of partsOf(samples))
    if (fitting.fit(part) === undefined) return unexplained(place, part, fitting, `${path}/${name}`);
  const best = bestTerm(samples, fitting);
  const got = (sample: Sample): JsonValue | undefined => best && evaluate(best, sample.scope);
  const wrong = samples.find((sample) => sample.out !== undefined && !isSame(got(sample), sample.out));
  const why = `${path || '/'} is no function of the values that is known here`;
  if (wrong === undefined) return { place, why };
  const { scope, out } = wrong;
  const given = got(wrong);
  const counterexample: Counterexample = {
    values: scope.Values,
    place: `${place}${path}`,
    ...(out !== undefined && { expected: out }),
    ...(given !== undefined && { got: given }),
  };
  return { place, why, counterexample };
}

/** The members of objects, or the items of lists that have as many each. */
function* partsOf(samples: readonly Sample[]): Generator<readonly [string, readonly Sample[]]> {
  const there = samples.filter(({ out }) => out !== undefined);
  const lengths = new Set(there.map(({ out }) => (Array.isArray(out) ? out.length : -1)));
  if (lengths.size === 1 && !lengths.has(-1)) {
    const [length = 0] = lengths;
    for (let i = 0; i < length; i++)
      yield [String(i), there.map(({ scope, out }) => ({ scope, out: (out as JsonValue[])[i] }))];
  } else if (there.every(({ out }) => isJsonObject(out))) {
    const names = new Set(there.flatMap(({ out }) => Object.keys(out as JsonObject)));
    for (const name of names) yield [name, there.map(({ scope, out }) => ({ scope, out: (out as JsonObject)[name] }))];
  }
}
