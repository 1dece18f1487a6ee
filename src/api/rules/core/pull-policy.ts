import { type Check, requiredOneOf } from '../rule.ts';

/** When the image of a container or a volume is pulled. */
export const checkPullPolicy: Check = requiredOneOf('Always', 'IfNotPresent', 'Never');

/**
 * The pull policy of an image without one: `Always` for the tag `latest`, which an image without tag and digest has.
 *
 * A reference that is none has no tag.
 */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return tagOf(image) === 'latest' ? 'Always' : 'IfNotPresent';
}

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const HOST_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[(?:[a-fA-F0-9:]+)\\])`;
const NAME = `(?:${HOST}(?::[0-9]+)?/)?${COMPONENT}(?:/${COMPONENT})*`;
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(`^(${NAME})(?::([\\w][\\w.-]{0,127}))?(?:@(${DIGEST}))?$`);
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** The tag of a reference; '' for none. */
function tagOf(image: string): string {
  if (/^[a-f0-9]{64}$/.test(image)) return '';
  const match = REFERENCE.exec(normalised(image));
  if (!match) return '';
  const [, name, tag, digest] = match;
  if (name!.length - domainLength(name!) > 255 || (digest !== undefined && !isDigest(digest))) return '';
  return tag ?? (digest === undefined ? 'latest' : '');
}

/** Adds the registry that Docker takes where none is named. */
function normalised(image: string): string {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(0, slash));
  const isDomain = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  const [domain, rest] = isDomain ? [first, image.slice(slash + 1)] : ['docker.io', image];
  const path =
    (domain === 'docker.io' || domain === 'index.docker.io') && !rest.includes('/') ? `library/${rest}` : rest;
  return `${domain === 'index.docker.io' ? 'docker.io' : domain}/${path}`;
}

function domainLength(name: string): number {
  return name.indexOf('/') + 1;
}

function isDigest(digest: string): boolean {
  const [algorithm, hex] = digest.split(':') as [string, string];
  return DIGEST_LENGTHS[algorithm] === hex.length && /^[a-f0-9]+$/.test(hex);
}
