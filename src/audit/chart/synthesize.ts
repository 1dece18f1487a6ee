import { isJsonObject, type JsonObject, jsonEqual, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { newFitting, type Sample } from './fit.ts';
import type { Fitting } from './fitting.ts';
import { normalized } from './normalized.ts';
import { evaluate, type Scope, type Template } from './template.ts';

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
}

const NAME = '‹name›';
/** More objects of a kind with different names than these come of a list. */
const MOST_NAMES = 6;

/** Templates that give all examples; or the first thing for which there is none. */
export function synthesize(examples: readonly Example[]): ChartTemplates | Refusal {
  const files = new Map<string, Template>();
  const fitting = newFitting();
  for (const [place, samples] of placesOf(examples)) {
    fitting.renew();
    const template = fitting.fit(samples);
    if (template === undefined) return { place, why: unexplained(samples, fitting) };
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

/** The places in which objects stand: one for each name that comes again, and one for all others of a kind. */
function placesOf(examples: readonly Example[]): Map<string, Sample[]> {
  const wordy = examples.map((example) => example.objects.map((object) => placeOf(object, example)));
  const names = new Map<string, Set<string>>();
  for (const places of wordy)
    for (const { kind, name } of places) names.set(kind, (names.get(kind) ?? new Set()).add(name));
  const places = new Map<string, Sample[]>();
  for (const [kind, ofKind] of names) {
    const hasOwn = ofKind.size <= MOST_NAMES;
    for (const name of hasOwn ? ofKind : [undefined]) {
      const samples = examples.map((example, i): Sample => {
        const found = example.objects.filter(
          (_, j) => wordy[i]![j]!.kind === kind && (name === undefined || wordy[i]![j]!.name === name),
        );
        const out = name === undefined ? found : found[0];
        return { scope: scopeOf(example), out: out as unknown as JsonValue };
      });
      places.set(fileOf(kind, name), samples);
    }
  }
  return places;
}

function placeOf(
  { kind = '', metadata }: KubeObject,
  { name }: Example,
): { readonly kind: string; readonly name: string } {
  return { kind, name: (metadata.name ?? '').replaceAll(name, NAME) };
}

function fileOf(kind: string, name: string | undefined): string {
  const suffix = (name ?? 'all')
    .replaceAll(NAME, '')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .replace(/[^a-z0-9]+/g, '-');
  return suffix === '' ? kind.toLowerCase() : `${kind.toLowerCase()}-${suffix}`;
}

function scopeOf({ values, name, namespace }: Omit<Example, 'objects'>): Scope {
  return { Values: values, Release: { Name: name, Namespace: namespace }, items: [] };
}

/** Where the smallest part of a place is that has no template. */
function unexplained(samples: readonly Sample[], fitting: Fitting, path = ''): string {
  for (const [name, part] of partsOf(samples))
    if (fitting.fit(part) === undefined) return unexplained(part, fitting, `${path}/${name}`);
  const seen = samples.find(({ out }) => out !== undefined);
  const shown = `for instance ${JSON.stringify(seen?.out)} for ${JSON.stringify(seen?.scope.Values)}`;
  return `${path || '/'} is no function of the values that is known here; ${shown}`;
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
