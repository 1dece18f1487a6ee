import type { Message } from 'nekube/xds';
import type { HeaderChange, NamedValue } from '../../../model/index.ts';

type HeaderValueOption = Message<'envoy.config.core.v3.HeaderValueOption'>;

/** A change of headers as Envoy says it; the authority is changed elsewhere. */
export interface HeaderOptions {
  readonly toAdd: readonly HeaderValueOption[];
  readonly toRemove: readonly string[];
}

/** What `changes` say, one after the other. */
export function headerOptions(...changes: readonly (HeaderChange | undefined)[]): HeaderOptions {
  const toAdd: HeaderValueOption[] = [];
  const toRemove: string[] = [];
  for (const change of changes) {
    for (const header of change?.set ?? [])
      if (!isAuthority(header.name)) toAdd.push(option(header, 'OVERWRITE_IF_EXISTS_OR_ADD'));
    for (const header of change?.add ?? [])
      if (!isAuthority(header.name)) toAdd.push(option(header, 'APPEND_IF_EXISTS_OR_ADD'));
    for (const name of change?.remove ?? []) if (!isAuthority(name)) toRemove.push(name);
  }
  return { toAdd, toRemove };
}

/** As fields of requests of a route or weighted cluster; none that are empty. */
export function requestHeaderFields(...changes: readonly (HeaderChange | undefined)[]) {
  const { toAdd, toRemove } = headerOptions(...changes);
  return {
    ...(toAdd.length > 0 && { request_headers_to_add: toAdd }),
    ...(toRemove.length > 0 && { request_headers_to_remove: toRemove }),
  };
}

/** The same of answers. */
export function responseHeaderFields(...changes: readonly (HeaderChange | undefined)[]) {
  const { toAdd, toRemove } = headerOptions(...changes);
  return {
    ...(toAdd.length > 0 && { response_headers_to_add: toAdd }),
    ...(toRemove.length > 0 && { response_headers_to_remove: toRemove }),
  };
}

/** The authority that a change sets: Envoy does not take it for a header. */
export function authorityOf(change: HeaderChange | undefined): string | undefined {
  return change?.set?.findLast((header) => isAuthority(header.name))?.value;
}

function isAuthority(name: string): boolean {
  return name.toLowerCase() === 'host' || name.startsWith(':');
}

/** A percent sign begins a command of Envoy's formats, and is doubled to be none. */
function option({ name, value }: NamedValue, action: HeaderValueOption['append_action']): HeaderValueOption {
  const header = { key: name, value: String(value).replaceAll('%', '%%') };
  return { header, append_action: action, ...(value === '' && { keep_empty_value: true }) };
}
