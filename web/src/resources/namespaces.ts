import { computed, signal } from '@preact/signals';
import { kinds } from '../api/discovery.ts';
import { route } from '../app/router.ts';
import { acquireList } from './list-cache.ts';
import type { TableList } from './table-list.ts';

/** The namespace of the view; lists that one goes to keep it. */
export const currentNamespace = computed(() => route.value?.params.namespace);

const list = signal<TableList | undefined>(undefined);

/** Names of all namespaces, in order, as they come and go; empty when they may not be listed. */
export const namespaces = computed<readonly string[]>(() => {
  if (!list.value) return [];
  void list.value.version.value;
  return list.value.rows.rows().map((row) => row.name);
});

/** Begins to follow the namespaces, once somebody wants to choose one. */
export function followNamespaces(): void {
  const kind = kinds.value?.find((one) => one.group === '' && one.resource === 'namespaces');
  if (kind && !list.value) list.value = acquireList({ kind, fields: [] });
}
