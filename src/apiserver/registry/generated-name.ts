import { type KubeObject, newAlreadyExists, newFailure, type StatusError } from 'nekube/apimachinery';
import { groupResource, type ServedResource } from './served.ts';

const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_GENERATED_LENGTH = 63 - SUFFIX_LENGTH;

function generatedLength(prefix: string): number {
  return Math.min(prefix.length, MAX_GENERATED_LENGTH) + SUFFIX_LENGTH;
}

/** Gives an object with a generateName and no name a name of its own (five random characters). */
export function generateName(object: KubeObject): void {
  const { name, generateName: prefix } = object.metadata;
  if (name || !prefix) return;
  object.metadata.name = generatedName(prefix);
}

/** A name of five random characters after the prefix. */
export function generatedName(prefix: string): string {
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++) suffix += SUFFIX_ALPHABET[Math.floor(Math.random() * SUFFIX_ALPHABET.length)];
  return prefix.slice(0, MAX_GENERATED_LENGTH) + suffix;
}

/** Why there can be no second object of this name; where the name was made up here, another try may have more luck. */
export function alreadyExists(resource: ServedResource, object: KubeObject): StatusError {
  const { name, generateName } = object.metadata;
  if (
    !generateName ||
    name === undefined ||
    !name.startsWith(generateName) ||
    name.length !== generatedLength(generateName)
  )
    return newAlreadyExists(groupResource(resource), name ?? '');
  const gr = groupResource(resource);
  const text = `${gr.group === '' ? gr.resource : `${gr.resource}.${gr.group}`} "${name}" already exists, the server was not able to generate a unique name for the object`;
  return newFailure(409, 'AlreadyExists', text, {
    name,
    ...(gr.group && { group: gr.group }),
    kind: gr.resource,
    retryAfterSeconds: 1,
  });
}
