import type { Section } from '../app/registry.ts';
import { navigate } from '../app/router.ts';
import { editTexts as t } from './texts.ts';

/** A new object; an edit of one that is there is a tab of its view. */
export const edit: Section = {
  name: 'edit',
  routes: [{ paths: ['/create'], view: () => import('./create-view.tsx') }],
  keys: [{ keys: 'c', title: () => t.createAny, run: () => navigate(createHref()) }],
  commands: () => [{ id: 'create', title: t.createAny, icon: 'plus', href: createHref() }],
};

/** Of the kind that is listed, if one is. */
function createHref(): string {
  const listed = /^\/r\/([^/]+\/[^/]+\/[^/]+)(?:\/ns\/([^/]+))?/.exec(location.pathname);
  if (listed === null) return '/create';
  return `/create?kind=${listed[1]}${listed[2] === undefined ? '' : `&namespace=${listed[2]}`}`;
}
