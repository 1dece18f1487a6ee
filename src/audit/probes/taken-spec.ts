import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { exampleOf, leastExampleOf, withLeaf } from './spec-variants.ts';

/** A server that took none of so many is asked no more. */
const MOST_TRIES = 200;

/** What came of the search for a spec that the server takes. */
export interface FoundSpec {
  readonly spec: JsonObject;
  /** Why the server refuses even this one; absent: it takes it. */
  readonly why?: string;
}

/**
 * A spec that a schema allows and the server takes, with as much in it as goes together: some of what may be excludes other (one of two
 * must be there, and not both), and of that a schema says nothing.
 *
 * From what must be alone it goes on by one member at a time, as long as the server complains of something else each time; then all else is
 * added that the server takes.
 *
 * @param whyNot why the server refuses a spec, without the resource's name; undefined: it takes it
 */
export async function takenSpec(
  schema: JsonObject,
  whyNot: (spec: JsonObject) => Promise<string | undefined>,
): Promise<FoundSpec> {
  let tries = 0;
  const ask = async (spec: JsonObject): Promise<string | undefined> =>
    ++tries > MOST_TRIES ? 'too many were tried' : await whyNot(spec);
  const all = exampleOf(schema);
  if (isJsonObject(all) && (await ask(all)) === undefined) return { spec: all };
  let spec = objectOf(leastExampleOf(schema));
  let why = await ask(spec);
  const heard = new Set([why]);
  while (why !== undefined) {
    const next = await nextStep(spec, schema, heard, ask);
    if (next === undefined) return { spec, why };
    ({ spec, why } = { why: undefined, ...next });
    heard.add(why);
  }
  return { spec: await grown(spec, schema, ask) };
}

/** One member more, with which the server takes it, or else complains of what it never did; undefined: there is none. */
async function nextStep(
  spec: JsonObject,
  schema: JsonObject,
  heard: ReadonlySet<string | undefined>,
  ask: (spec: JsonObject) => Promise<string | undefined>,
): Promise<FoundSpec | undefined> {
  let other: FoundSpec | undefined;
  for (const { path, of } of absentIn(spec, schema)) {
    const changed = objectOf(withLeaf(spec, path, smallOf(of)));
    const why = await ask(changed);
    if (why === undefined) return { spec: changed };
    if (!heard.has(why)) other ??= { spec: changed, why };
  }
  return other;
}

/** The same with each further member that the server takes, whole or as small as it may be. */
async function grown(
  spec: JsonObject,
  schema: JsonObject,
  ask: (spec: JsonObject) => Promise<string | undefined>,
): Promise<JsonObject> {
  let now = spec;
  // a namespace that is not there would have the operator look for all else in it
  for (const { path, of } of absentIn(spec, schema).filter((one) => !/namespace$/i.test(one.path.at(-1)!))) {
    for (const value of [exampleOf(of), smallOf(of)]) {
      const changed = objectOf(withLeaf(now, path, value));
      if ((await ask(changed)) !== undefined) continue;
      now = changed;
      break;
    }
  }
  return now;
}

/** A member that a schema has and an object has not. */
interface Absent {
  readonly path: readonly string[];
  readonly of: JsonObject;
}

/** Members that are not there, of objects that are; the outer ones first. */
function absentIn(value: JsonObject, schema: JsonObject, path: readonly string[] = []): readonly Absent[] {
  const properties = Object.entries(isJsonObject(schema.properties) ? schema.properties : {});
  const absent = properties.filter(([name]) => value[name] === undefined);
  const below = properties.flatMap(([name, of]) => {
    const inner = value[name];
    return isJsonObject(inner) && isJsonObject(of) ? absentIn(inner, of, [...path, name]) : [];
  });
  return [...absent.map(([name, of]) => ({ path: [...path, name], of: objectOf(of) })), ...below];
}

/** What must be there of a member, and of a list one item. */
function smallOf(schema: JsonObject): JsonValue {
  const least = leastExampleOf(schema);
  return Array.isArray(least) && least.length === 0 ? [leastExampleOf(objectOf(schema.items))] : least;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
