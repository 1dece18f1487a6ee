import { withWords } from '../observe/words.ts';
import { isResourceRequest, kindName, type ResourceRequest, type TrailRequest } from '../trail/request.ts';

/** What an operator did to objects that it did not make, as lines. */
export interface Edits {
  /** It changed or deleted them. */
  readonly edited: readonly string[];
  /** It tried to delete them, and they were not there: they may be others', or its own that it would make of other resources. */
  readonly missed: readonly string[];
}

/** What operators write to for themselves, whoever made it: elections, events, and certificates of webhooks. */
const OF_THEIRS = [
  'leases',
  'events',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'customresourcedefinitions',
];

/**
 * Which objects an operator wrote to and never made; what it made in another trial, by the same words, counts as made.
 *
 * @param kinds custom resources, as in `shops.shop.example`: they are there for the operator
 */
export function editsIn(own: readonly TrailRequest[], kinds: readonly string[]): Edits {
  const requests = own
    .filter(isResourceRequest)
    .filter(({ target }) => !kinds.includes(kindName(target)) && !OF_THEIRS.includes(target.resource));
  const made = requests.filter(({ code, target }) => code === 201 && target.subresource === '');
  const names = new Set(made.map((one) => placeOf(one, nameIn(one) ?? '')));
  const prefixes = made.map((one) => placeOf(one, prefixIn(one) ?? '\n'));
  const isMade = (one: ResourceRequest): boolean => {
    const place = placeOf(one, one.target.name);
    return names.has(place) || prefixes.some((prefix) => place.startsWith(prefix));
  };
  const others = requests.filter((one) => ['update', 'patch', 'delete'].includes(one.verb) && !isMade(one));
  const lines = (some: readonly ResourceRequest[]): string[] => [
    ...new Set(some.map((one) => `${one.verb} ${placeOf(one, one.target.name)}`)),
  ];
  return {
    edited: lines(others.filter(({ code, target }) => code > 0 && code < 300 && target.name !== '')),
    missed: lines(others.filter(({ verb, code }) => verb === 'delete' && code === 404)),
  };
}

function placeOf({ target }: ResourceRequest, name: string): string {
  const { group, resource, namespace } = target;
  // of a namespace requests say that they are in it
  const within = resource === 'namespaces' && group === '' ? [] : [namespace];
  return withWords(`${kindName(target)} ${[...within, name].filter((part, i) => part !== '' || i > 0).join('/')}`);
}

function nameIn({ target, body }: ResourceRequest): string | undefined {
  if (target.name !== '') return target.name;
  return ((body?.metadata ?? {}) as { readonly name?: string }).name;
}

function prefixIn({ body }: ResourceRequest): string | undefined {
  return ((body?.metadata ?? {}) as { readonly generateName?: string }).generateName;
}
