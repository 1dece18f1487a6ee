import type { HeaderChange } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';
import { onWire } from '../http/wire-text.ts';

/** Changes headers as a route says: first those that go, then those that are replaced, then those that come beside. */
export function changeHeaders(headers: HeaderList, { remove, set, add }: HeaderChange): void {
  if (remove !== undefined && remove.length > 0) {
    const names = remove.map((name) => name.toLowerCase());
    headers.filter((name) => !names.includes(name));
  }
  for (const { name, value } of set ?? []) headers.set(name.toLowerCase(), onWire(value));
  for (const { name, value } of add ?? []) headers.append(name.toLowerCase(), onWire(value));
}
