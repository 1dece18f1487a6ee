import { kinds } from '../api/discovery.ts';
import type { Command, Section } from '../app/registry.ts';
import { href, navigate } from '../app/router.ts';
import { shellTexts } from '../app/texts.ts';
import { knowIndex, knownIndex } from './keps.ts';
import { kepTexts as t } from './texts.ts';

/** KEPs that the palette offers at most. */
const MOST = 12;

export const keps: Section = {
  name: 'kep',
  links: [{ href: '/keps', title: () => t.keps, icon: 'book' }],
  keys: [{ keys: 'g k', title: () => shellTexts.goTo(t.keps), run: () => navigate(href('/keps')) }],
  routes: [
    { paths: ['/keps'], view: () => import('./list-view.tsx') },
    { paths: ['/keps/graph'], view: () => import('./graph-view.tsx') },
    { paths: ['/keps/gates'], view: () => import('./gates-view.tsx') },
    { paths: ['/keps/changes'], view: () => import('./changes-view.tsx') },
    { paths: ['/keps/:name'], view: () => import('./kep-view.tsx') },
  ],
  commands: (typed) => [...views(), ...kepsOf(typed.toLowerCase())],
};

function views(): Command[] {
  const hint = t.kepsLong;
  return [
    { id: 'keps', title: t.keps, hint, words: ['kep'], icon: 'book', href: '/keps' },
    { id: 'keps-graph', title: `${t.keps}: ${t.graph}`, hint, icon: 'book', href: '/keps/graph' },
    { id: 'keps-gates', title: `${t.keps}: ${t.gates}`, hint, icon: 'book', href: '/keps/gates' },
    { id: 'keps-changes', title: `${t.keps}: ${t.changes}`, hint, icon: 'book', href: '/keps/changes' },
  ];
}

/** KEPs by their numbers and by words of their titles, where this cluster has any. */
function kepsOf(typed: string): Command[] {
  if (typed === '' || !kinds.value?.some((kind) => kind.group === 'keps.nekube.dev')) return [];
  knowIndex();
  const words = typed.replace(/^kep-?(?=\d)/, '').split(/\s+/);
  const fits = ({ number, name, title }: { number?: number; name: string; title: string }): boolean =>
    words.every((word) => String(number ?? '').startsWith(word) || `${name} ${title}`.toLowerCase().includes(word));
  const found = knownIndex.value?.keps.filter(fits) ?? [];
  // the number that was typed is meant more than those that begin with it
  const exact = found.filter(({ number }) => String(number) === words[0]);
  return [...new Set([...exact, ...found])].slice(0, MOST).map(({ name, number, title, owningSig }) => ({
    id: `kep-${name}`,
    title: number ? `${number} ${title}` : title || name,
    data: true,
    hint: owningSig,
    dataHint: true,
    words: [String(number ?? ''), `kep-${number}`, title, name],
    icon: 'book' as const,
    href: `/keps/${encodeURIComponent(name)}`,
  }));
}
