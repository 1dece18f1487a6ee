import { isJsonObject, type JsonObject } from 'nekube/apimachinery';
import type { Fitting, Sample } from './fitting.ts';
import { hasFreeNames } from './leaves.ts';
import { sourceIn } from './sources.ts';
import { type MemberLoop, type Path, scopesWithin, type Template, valueAt } from './template.ts';

/** Members that have the names of items, by the collection that these are of. */
interface Looped {
  readonly path: Path;
  /** Of each sample the members by the index of their item. */
  readonly names: readonly (readonly (string | undefined)[])[];
}

/**
 * An object, member by member: those that are named for the items of a collection in a loop.
 *
 * @param omit without any member there is nothing
 */
export function fitMembers(samples: readonly Sample[], omit: boolean, fitting: Fitting): Template | undefined {
  const outs = samples.map(({ out = {} }) => out as JsonObject);
  const looped = loopsIn(samples, outs, fitting);
  const isLooped = outs.map((_, i) => new Set(looped.flatMap(({ names }) => names[i]!)));
  const fixed = outs.map((out, i) =>
    Object.fromEntries(Object.entries(out).filter(([name]) => !isLooped[i]!.has(name))),
  ) as JsonObject[];
  if (hasFreeNames(fixed)) return undefined;
  const loops: MemberLoop[] = [];
  for (const one of looped) {
    const loop = loopOf(one, samples, outs, fitting);
    if (loop === undefined) return undefined;
    loops.push(loop);
  }
  const members = new Map<string, Template>();
  for (const name of new Set(fixed.flatMap((out) => Object.keys(out)))) {
    const member = fitting.fit(samples.map(({ scope }, i) => ({ scope, out: fixed[i]![name] })));
    if (member === undefined) return undefined;
    members.set(name, member);
  }
  return { form: 'object', members, loops, omit };
}

/** Which collections members are named for; those of the innermost loop come first. */
function loopsIn(samples: readonly Sample[], outs: readonly JsonObject[], fitting: Fitting): readonly Looped[] {
  const taken = outs.map(() => new Set<string>());
  const found: Looped[] = [];
  for (const path of [...fitting.about(samples).places.collections].reverse()) {
    const sources = samples.map(({ scope }, i) => {
      const left = Object.keys(outs[i]!).filter((name) => !taken[i]!.has(name));
      return left.map((name) => ({ name, at: sourceIn(name, scope, path) }));
    });
    // a name that comes of other values too is no item's, whatever it has in it: `defaultMode` is not there for a `mode`
    const anyway = new Set(sources.flatMap((of) => of.flatMap(({ name, at }) => (at === undefined ? [name] : []))));
    const names = sources.map((all) => {
      const of: (string | undefined)[] = [];
      for (const { name, at } of all)
        if (typeof at === 'number' && of[at] === undefined && !anyway.has(name)) of[at] = name;
      return of;
    });
    if (names.every((of) => of.length === 0)) continue;
    names.forEach((of, i) => of.forEach((name) => name !== undefined && taken[i]!.add(name)));
    found.push({ path, names });
  }
  return found;
}

function loopOf(
  { path, names }: Looped,
  samples: readonly Sample[],
  outs: readonly JsonObject[],
  fitting: Fitting,
): MemberLoop | undefined {
  const items = samples.flatMap(({ scope }, i) =>
    scopesWithin(scope, path).map((within, at) => ({ scope: within, name: names[i]![at], out: outs[i]! })),
  );
  const named = items.filter(({ name }) => name !== undefined);
  const name = fitting.fit(named.map(({ scope, name: out }) => ({ scope, out })));
  const value =
    name &&
    fitting.fit(items.map(({ scope, name: of, out }) => ({ scope, out: of === undefined ? undefined : out[of] })));
  const over = samples.some(({ scope }) => isJsonObject(valueAt(scope, path))) ? 'map' : 'list';
  return name && value && { path, over, name, value };
}
