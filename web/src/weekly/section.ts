import type { Section } from '../app/registry.ts';
import { navigate, href } from '../app/router.ts';
import { weeklyTexts as t } from './texts.ts';

export const weekly: Section = {
  name: 'weekly',
  links: [{ href: '/weekly', title: () => t.weekly, icon: 'newspaper' }],
  routes: [{ paths: ['/weekly', '/weekly/:namespace'], view: () => import('./board-view.tsx') }],
  keys: [{ keys: 'g w', title: () => t.goToWeekly, run: () => navigate(href('/weekly')) }],
};
