import type { Section } from '../app/registry.ts';
import { navigate } from '../app/router.ts';
import { editTexts as t } from './texts.ts';

/** A new object; an edit of one that is there is a tab of its view. */
export const edit: Section = {
  name: 'edit',
  routes: [{ paths: ['/create'], view: () => import('./create-view.tsx') }],
  keys: [{ keys: 'c', title: () => t.createAny, run: () => navigate(createHere()) }],
  commands: () => [{ id: 'create', title: t.createAny, icon: 'plus', href: createHere() }],
};

/** Of the kind that is listed, if one is. */
function createHere(): string {
  const listed = /^\/r\/([^/]+\/[^/]+\/[^/]+)(?:\/ns\/([^/]+))?/.exec(location.pathname);
  return listed === null ? '/create' : createHref(listed[1]!, listed[2]);
}

/** The address of a new object of a kind. */
export function createHref(kindPath: string, namespace: string | undefined): string {
  return `/create?kind=${kindPath}${namespace === undefined ? '' : `&namespace=${namespace}`}`;
}
