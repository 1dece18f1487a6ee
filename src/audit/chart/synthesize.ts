import { isJsonObject, type JsonObject, jsonEqual, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { newFitting, type Sample } from './fit.ts';
import type { Fitting } from './fitting.ts';
import { type Counterexample, valuesThatDiffer } from './counterexample.ts';
import { formOfName, NAME, VALUE } from './made-once.ts';
import { normalized } from './normalized.ts';
import { bestTerm } from './fit-scalar.ts';
import { decoded, isScalar, refine } from './refine.ts';
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

/**
 * Templates that give all examples; or the first thing for which there is none.
 *
 * @param telling examples whose values stand nowhere else, by which the form is found
 * @param others of any values, for which it must be true as well
 */
export function synthesize(telling: readonly Example[], others: readonly Example[] = []): ChartTemplates | Refusal {
  const files = new Map<string, Template>();
  const fitting = newFitting();
  // what is hashed is found first
  const places = [...placesOf(telling)].sort(
    (a, b) => Number(HASHED.includes(b.kind)) - Number(HASHED.includes(a.kind)),
  );
  for (const { file, kind, samples } of places) {
    fitting.renew(samples);
    const template = fitting.fit(samples);
    if (template === undefined) return unexplained(file, samples, fitting);
    files.set(file, template);
    if (HASHED.includes(kind)) fitting.offered = [...fitting.offered, ...hashedOf(template)];
  }
  const placed = placedIn(places, files, others);
  if ('why' in placed) return placed;
  fitting.offered = [];
  for (const { file, kind, samples } of places) {
    const all = [...samples, ...placed.get(file)!];
    fitting.renew(all);
    const template = refine(files.get(file)!, all, fitting);
    if (template === undefined) return untrue(file, files.get(file)!, all);
    files.set(file, template);
    if (HASHED.includes(kind)) fitting.offered = [...fitting.offered, ...hashedOf(template)];
  }
  return { files: new Map([...files].filter(([, { form }]) => form !== 'absent')) };
}

/** Of these others have hashes, so that what uses them is made anew when they change. */
const HASHED = ['ConfigMap', 'Secret'];

/** What may be hashed of an object: its data as JSON, and each of them. */
function hashedOf(template: Template): readonly Template[] {
  if (template.form === 'if') return [...hashedOf(template.met), ...hashedOf(template.otherwise)];
  if (template.form !== 'object') return [];
  return ['data', 'stringData'].flatMap((member): Template[] => {
    const data = template.members.get(member);
    if (data === undefined) return [];
    const whole = (['toJson', 'toRawJson'] as const).map(
      (name): Template => ({ form: 'apply', function: name, of: data }),
    );
    const each = data.form === 'object' ? [...data.members.values()].map(decoded).filter(isScalar) : [];
    return [...whole, ...each];
  });
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

/** Where objects stand: those of a kind, or those of it that are called in one way. */
interface Place {
  readonly file: string;
  readonly kind: string;
  /** Undefined: all of the kind. */
  readonly form: string | undefined;
  readonly isList: boolean;
  readonly samples: readonly Sample[];
}

/**
 * The places in which objects stand: one for a kind of which there is one at most, or else one for each way in which they are called; a
 * place has a list of objects where there are several of these.
 */
function placesOf(examples: readonly Example[]): readonly Place[] {
  const called = examples.map((example) => example.objects.map((object) => formOfName(object, example)));
  const kinds = new Set(examples.flatMap(({ objects }) => objects.map(({ kind = '' }) => kind)));
  const places: Place[] = [];
  for (const kind of kinds) {
    const isSingle = examples.every(({ objects }) => objects.filter((one) => one.kind === kind).length <= 1);
    const forms = examples.flatMap(({ objects }, i) => called[i]!.filter((_, j) => objects[j]!.kind === kind));
    for (const form of isSingle ? [undefined] : new Set(forms)) {
      const found = examples.map(({ objects }, i) =>
        objects.filter((one, j) => one.kind === kind && (form === undefined || called[i]![j] === form)),
      );
      const isList = found.some(({ length }) => length > 1);
      const samples = examples.map((example, i) => sampleOf(example, found[i]!, isList));
      const file = freeName(fileOf(kind, form, isList), new Set(places.map((place) => place.file)));
      places.push({ file, kind, form, isList, samples });
    }
  }
  return places;
}

function sampleOf(example: Example, objects: readonly KubeObject[], isList: boolean): Sample {
  const out = isList ? (objects.length === 0 ? undefined : objects) : objects[0];
  return { scope: scopeOf(example), out: out as unknown as JsonValue | undefined };
}

/** Examples by the places of others: objects are where one of their name is awaited, or else where it may be. */
function placedIn(
  places: readonly Place[],
  files: ReadonlyMap<string, Template>,
  examples: readonly Example[],
): ReadonlyMap<string, readonly Sample[]> | Refusal {
  const placed = new Map<string, Sample[]>(places.map(({ file }) => [file, []]));
  for (const example of examples) {
    const awaited = places.map(({ file }) => {
      const of = evaluate(files.get(file)!, scopeOf(example)) ?? [];
      return ((Array.isArray(of) ? of : [of]) as unknown as KubeObject[]).map((one) => one.metadata?.name);
    });
    const found: KubeObject[][] = places.map(() => []);
    for (const object of example.objects) {
      const may = places.flatMap(({ kind }, i) => (kind === object.kind ? [i] : []));
      const at =
        may.find((i) => awaited[i]!.includes(object.metadata.name)) ??
        may.find((i) => places[i]!.form === undefined || places[i]!.form === formOfName(object, example)) ??
        may.find((i) => places[i]!.isList) ??
        may[0];
      const place = `${object.kind} ${object.metadata.name}`;
      if (at === undefined || (found[at]!.length > 0 && !places[at]!.isList))
        return {
          place,
          why: 'there was none of it for plain values',
          counterexample: { values: example.values, place },
        };
      found[at]!.push(object);
    }
    places.forEach(({ file, isList }, i) => placed.get(file)!.push(sampleOf(example, found[i]!, isList)));
  }
  return placed;
}

/** What holds for telling values, and not for all. */
function untrue(place: string, template: Template, samples: readonly Sample[]): Refusal {
  for (const { scope, out } of samples) {
    const [left, right] = [out, evaluate(template, scope)];
    const [first] = valuesThatDiffer(left && normalized(left), right && normalized(right), []);
    if (first === undefined) continue;
    const at = first.path.map((part) => `/${part}`).join('');
    const { left: expected, right: got } = first;
    const why = `${at || '/'} is no function of the values that is known here, though it is one of plain values`;
    const shown = { ...(expected !== undefined && { expected }), ...(got !== undefined && { got }) };
    return { place, why, counterexample: { values: scope.Values, place: `${place}${at}`, ...shown } };
  }
  return { place, why: 'it is no function of the values that is known here' };
}

function fileOf(kind: string, form: string | undefined, isList: boolean): string {
  const suffix = (form ?? '')
    .replaceAll(NAME, '')
    .replaceAll(VALUE, '')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .replace(/[^a-z0-9]+/g, '-');
  return [kind.toLowerCase(), suffix, isList ? 'all' : ''].filter((part) => part !== '').join('-');
}

function freeName(name: string, taken: ReadonlySet<string>): string {
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
