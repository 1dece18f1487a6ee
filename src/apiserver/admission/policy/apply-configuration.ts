import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { fieldElement, indexElement, type TypeRef, type Value, Violations } from 'nekube/smd';
import type { ServedResource } from '../../registry/served.ts';
import type { Mutated } from './mutation.ts';

/**
 * Merges what a policy wrote down into an object, by the schema of its kind, as an apply without owners. Lists, maps and
 * structs that can only be replaced as a whole may not be in it.
 */
export function mergeConfiguration(object: KubeObject, fields: JsonObject, resource: ServedResource): Mutated {
  const { apiVersion, kind } = object;
  const type =
    kind === resource.kind && apiVersion === resource.apiVersion ? resource.fieldManager('').mergeType : undefined;
  if (type === undefined)
    return failed(
      `failed to convert patch object to typed object: no corresponding type for ${apiVersion}, Kind=${kind}`,
    );
  const patch = type.parse({ ...fields, apiVersion: apiVersion!, kind: kind! } as Value);
  if (patch instanceof Violations) return failed(`failed to convert patch object to typed object: ${patch.message}`);
  const atomics = [...atomicsIn(patch.value!, type.type, '')];
  if (atomics.length > 0)
    return failed(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`);
  const live = type.parse(object as unknown as Value, { allowDuplicates: true });
  if (live instanceof Violations) return failed(`failed to convert original object to typed object: ${live.message}`);
  const merged = live.merge(patch);
  if (merged instanceof Violations) return failed(`failed to merge patch: ${merged.message}`);
  return { object: structuredClone(merged.value) as unknown as KubeObject };
}

function failed(why: string): Mutated {
  return { error: `error applying patch: ${why}` };
}

/** The paths of what is replaced as a whole. */
function* atomicsIn(value: Value, type: TypeRef, path: string): Iterable<string> {
  const { atom } = type;
  if (atom === undefined || value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    if (atom.list === undefined) return;
    if (atom.list.atomic) yield path;
    for (const [i, item] of value.entries()) yield* atomicsIn(item, atom.list.elementType, `${path}${indexElement(i)}`);
    return;
  }
  if (atom.map === undefined) return;
  if (atom.map.atomic) yield path;
  for (const [name, field] of Object.entries(value)) {
    const known = atom.map.fields.get(name);
    if (known !== undefined) yield* atomicsIn(field, known.type, `${path}${fieldElement(name)}`);
  }
}
