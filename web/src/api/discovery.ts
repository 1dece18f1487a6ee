import { signal } from '@preact/signals';
import { requestJson } from './http.ts';
import { type Kind, kindsOf } from './kinds.ts';

/** All kinds that the server serves, in discovery's order; undefined until they are known. */
export const kinds = signal<readonly Kind[] | undefined>(undefined);

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Asks which kinds there are. Keeps the array when nothing changed. */
export async function discover(): Promise<void> {
  const lists = await Promise.all(
    ['/k8s/api', '/k8s/apis'].map((path) => requestJson<Parameters<typeof kindsOf>[0]>(path, { accept: ACCEPT })),
  );
  const found = lists.flatMap(kindsOf);
  if (JSON.stringify(found) !== JSON.stringify(kinds.peek())) kinds.value = found;
}

/** The kind of a view's address. `group` is `core` for the group without a name. */
export function kindAt(group: string, version: string, resource: string): Kind | undefined {
  return kinds.value?.find((kind) => kind.path === `${group}/${version}/${resource}`);
}
