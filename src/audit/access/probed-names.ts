import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import { actorOf, isOfResource, type TrailRequest } from '../trail/request.ts';
import { type NameSoundness, stableNames } from './stable-names.ts';

/**
 * Names that do not follow from a resource, where an audit made all that there is: as {@link stableNames}, but what the audit made because
 * the operator had asked for it says nothing of its name, and a name that stands in a resource would be another one in the next.
 */
export function probedNames(requests: readonly TrailRequest[], user: string, home: string | undefined): NameSoundness {
  const asked = new Set<string>();
  const said = new Set<string>();
  const telling = requests.filter((request) => {
    if (actorOf(request).name === user) {
      asked.add(keyOf(request));
      return true;
    }
    if (asked.has(keyOf(request))) return false;
    for (const text of textsIn(request.body)) said.add(text);
    return true;
  });
  const isStable = stableNames(telling, user, home);
  return (permission) => isStable(permission) && !said.has(permission.name);
}

/** Of what a request is about: resource and name, wherever it is. */
function keyOf({ target, body }: TrailRequest): string {
  if (!isOfResource(target)) return '';
  const { name = '' } = (body?.metadata ?? {}) as { readonly name?: string };
  return JSON.stringify([target.group, target.resource, target.name || name]);
}

function* textsIn(value: JsonValue | undefined): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item);
  else if (isJsonObject(value)) for (const item of Object.values(value)) yield* textsIn(item);
}
