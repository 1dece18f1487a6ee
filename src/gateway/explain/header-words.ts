import type { HeaderChange } from '../model/index.ts';

/** A change of headers in a few words: `set x-user: me; remove x-secret`; empty for none. */
export function headerWords(change: HeaderChange | undefined): string {
  return [
    ...(change?.set ?? []).map(({ name, value }) => `set ${name}: ${value}`),
    ...(change?.add ?? []).map(({ name, value }) => `add ${name}: ${value}`),
    ...(change?.remove ?? []).map((name) => `remove ${name}`),
  ].join('; ');
}
