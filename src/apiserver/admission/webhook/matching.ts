import type { PluginDeps } from '../index.ts';
import { namespacesOf } from '../match/selectors.ts';
import type { Matching } from './invocation.ts';

/** What decides whether a webhook is asked, from what plugins look things up with. */
export function matchingOf(deps: PluginDeps): Matching {
  return { namespaces: namespacesOf(deps), resources: deps.resources, conditions: async () => true };
}
