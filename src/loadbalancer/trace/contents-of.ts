import { type Family, familyOf } from '../maps/address.ts';
import { idOfKey } from '../maps/backend-ids.ts';
import { layouts } from '../maps/compile.ts';
import { SCOPE } from '../maps/layouts.ts';
import { type EntryWrite, type ServiceContents, textOf } from '../maps/writes.ts';
import type { FrontendView } from '../view/frontends.ts';

/** What of the maps is about one frontend, with its table at the beginning: as little as a packet to it needs. */
export function contentsOf({ entries, table }: ServiceContents, frontend: FrontendView): ServiceContents {
  const family = familyOf(frontend.address);
  const own = entries.filter(({ map, key }) => map === `services${family}` && isSamePlace(family, key, frontend));
  const found = own.find(({ key }) => textOf(key) === frontend.key);
  if (found?.value === undefined) return { entries: [], table: new Uint32Array() };
  const { service } = layouts(family);
  const value = service.decode(found.value);
  const slots = table.slice(value.tableOffset, value.tableOffset + value.tableSize);
  const ids = new Set(slots);
  const others = entries.filter(
    ({ map, key }) =>
      (map === `backends${family}` && ids.has(idOfKey(key))) ||
      (map === `source_ranges${family}` && layouts(family).sourceRangeKey.decode(key).service === value.id),
  );
  const moved: EntryWrite = { ...found, value: service.encode({ ...value, tableOffset: 0 }) };
  return { entries: [moved, ...others], table: slots };
}

function isSamePlace(family: Family, key: Uint8Array, { port, scope }: FrontendView): boolean {
  const decoded = layouts(family).serviceKey.decode(key);
  return decoded.port === port && decoded.scope === (scope === 'inside' ? SCOPE.inside : SCOPE.outside);
}
