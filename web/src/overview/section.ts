import type { Section } from '../app/registry.ts';
import { overviewTexts as t } from './texts.ts';

export const overview: Section = {
  name: 'overview',
  links: [{ href: '/', title: () => t.overview, icon: 'home' }],
  routes: [{ paths: ['/'], view: () => import('./overview-view.tsx') }],
};
