import type { Section } from '../app/registry.ts';
import { href, navigate } from '../app/router.ts';
import { shellTexts } from '../app/texts.ts';
import { ownershipTexts as t } from './texts.ts';

/** Who owns which field, who takes them from whom, and what decides. */
export const ownership: Section = {
  name: 'ownership',
  routes: [{ paths: ['/ownership', '/ownership/:view'], view: () => import('./ownership-view.tsx') }],
  links: [{ href: '/ownership', title: () => t.title, icon: 'people' }],
  keys: [{ keys: 'g o', title: () => shellTexts.goTo(t.title), run: () => navigate(href('/ownership')) }],
  commands: () =>
    (['conflicts', 'history', 'policies'] as const).map((view) => ({
      id: `ownership-${view}`,
      title: `${t.title}: ${t[view]}`,
      icon: 'people',
      href: `/ownership/${view}`,
    })),
};
