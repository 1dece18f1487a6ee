import { kinds } from '../api/discovery.ts';
import { type Kind, listHref, objectHref } from '../api/kinds.ts';
import type { Command, Key, Section } from '../app/registry.ts';
import { href, navigate, route } from '../app/router.ts';
import { shellTexts } from '../app/texts.ts';
import { moment } from '../app/time.ts';
import { listsInMemory } from './list-cache.ts';
import type { FoundObject } from './object-search.ts';
import { currentNamespace, followNamespaces, namespaces } from './namespaces.ts';

/** `g` and a letter go to the kinds that one looks at most. */
const LETTERS: readonly (readonly [letter: string, id: string, kind: string])[] = [
  ['p', 'core/pods', 'Pod'],
  ['d', 'apps/deployments', 'Deployment'],
  ['s', 'core/services', 'Service'],
  ['c', 'core/configmaps', 'ConfigMap'],
  ['j', 'batch/jobs', 'Job'],
  ['n', 'core/nodes', 'Node'],
  ['a', 'core/namespaces', 'Namespace'],
  ['e', 'core/events', 'Event'],
  ['i', 'networking.k8s.io/ingresses', 'Ingress'],
];

const keys: readonly Key[] = LETTERS.map(([letter, id, kind]) => ({
  keys: `g ${letter}`,
  title: () => shellTexts.goTo(kind),
  run: () => {
    const [group, resource] = id.split('/');
    const found = kinds.value?.find((one) => (one.group || 'core') === group && one.resource === resource);
    return found ? navigate(href(listHref(found, currentNamespace.value))) : false;
  },
}));

export const resources: Section = {
  name: 'resources',
  keys,
  routes: [
    {
      paths: ['/r/:group/:version/:resource', '/r/:group/:version/:resource/ns/:namespace'],
      view: () => import('./list-view.tsx'),
    },
  ],
  commands: (typed) => {
    followNamespaces();
    const lists = (kinds.value ?? []).filter((kind) => kind.verbs.includes('list'));
    return [...lists.map(kindCommand), ...namespaceCommands(lists), ...(typed.length < 2 ? [] : objects(typed, lists))];
  },
  search: async (typed, { signal, tell }) => {
    // a name has no space, and nothing is looked for in the past
    if (/\s/.test(typed) || moment.peek().state !== 'now') return;
    const { searchObjects } = await import('./object-search.ts');
    await searchObjects(typed, kinds.peek() ?? [], { signal, tell: (found) => tell(found.map(objectCommand)) });
  },
};

function kindCommand(kind: Kind): Command {
  return {
    id: `kind-${kind.path}`,
    title: kind.kind,
    data: true,
    hint: kind.group || shellTexts.hintKind,
    dataHint: kind.group !== '',
    words: [kind.resource, ...kind.shortNames],
    icon: 'layers',
    href: listHref(kind, currentNamespace.value),
  };
}

/** The same view in another namespace; where there is none, its pods. */
function namespaceCommands(lists: readonly Kind[]): Command[] {
  const { group, version, resource } = route.value?.params ?? {};
  const here = lists.find((kind) => kind.path === `${group}/${version}/${resource}` && kind.namespaced);
  const kind = here ?? lists.find((one) => one.path === 'core/v1/pods');
  if (!kind) return [];
  return namespaces.value.map((name) => ({
    id: `namespace-${name}`,
    title: name,
    data: true,
    hint: shellTexts.hintNamespace,
    icon: 'cube',
    href: listHref(kind, name),
  }));
}

/** Of each list in memory so many objects by a part of their name. */
const MOST = 12;

function objectCommand({ kind, name, namespace }: FoundObject): Command {
  const address = objectHref(kind, name, namespace);
  return {
    id: `object-${address}`,
    title: name,
    data: true,
    hint: [kind.kind, namespace].filter(Boolean).join(' · '),
    dataHint: true,
    icon: 'cube',
    href: address,
  };
}

/** Objects of the lists that are in memory, and where one finds the others: the pods with this word. */
function objects(typed: string, lists: readonly Kind[]): Command[] {
  const word = typed.toLowerCase();
  const found = listsInMemory().flatMap(({ list }) => {
    void list.version.value;
    return list.rows
      .rows()
      .filter((row) => row.name.includes(word))
      .slice(0, MOST)
      .map(({ name, namespace }) => objectCommand({ kind: list.kind, name, namespace: namespace || undefined }));
  });
  const unique = [...new Map(found.map((command) => [command.id, command])).values()];
  const searches = ['core/v1/pods', 'apps/v1/deployments', 'core/v1/services']
    .flatMap((path) => lists.find((kind) => kind.path === path) ?? [])
    .map(
      (kind): Command => ({
        id: `search-${kind.path}`,
        title: shellTexts.filterKindBy(kind.kind, typed),
        icon: 'search',
        href: `${listHref(kind, currentNamespace.value)}?filter=${encodeURIComponent(typed)}`,
        always: true,
      }),
    );
  return [...unique, ...searches];
}
