import type { JsonObject } from 'nekube/apimachinery';
import { pathFacts } from '../facts.ts';

let byName: Readonly<Record<string, JsonObject>> | undefined;

/** The parameters that endpoints of all kinds take in the query, by name; that of a patch is `patchFieldManager`. */
export function openApiParameters(): Readonly<Record<string, JsonObject>> {
  byName ??= Object.fromEntries(
    [...pathFacts().pools.parameters]
      .reverse()
      .filter((parameter) => parameter.in === 'query')
      .map((parameter) => [nameOf(parameter), parameter]),
  );
  return byName;
}

function nameOf({ name, description }: JsonObject): string {
  const forPatch = name === 'fieldManager' && (description as string).includes('apply requests');
  return forPatch ? 'patchFieldManager' : (name as string);
}
