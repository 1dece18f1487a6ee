import { asm, layout, type MapSpec, mapSpec } from 'nekube/bpf';
import { FAMILIES } from '../maps/address.ts';
import { addressOf, type Field } from './frame.ts';
import type { DatapathMaps } from './maps.ts';
import { lookup, unique, update } from './parts.ts';

const { add, at, call, goto, jeq, jne, label, load, loadMap, mov, r0, r1, r10, r2, r3, r4, store, storeImm } = asm;
type Code = asm.Code;

/** `map_update_elem`: only if it is not there. */
const ADD = 1;
const EEXIST = 17;

const KINDS = ['flows', 'replies', 'snat_ports', 'snat_replies', 'pieces', 'affinities', 'sock_rev'] as const;
/** The maps of what is remembered, of which those not used for the longest time give way: each has its place in `remembered`. */
export const REMEMBERING: readonly string[] = [
  ...KINDS.flatMap((kind) => FAMILIES.map((family) => `${kind}${family}`)),
  'sock_affinities',
];

/** How many entries such a map got, and how many it was told to forget. What is lacking of the rest has given way to others. */
export const Remembered = layout.struct('lb_remembered', {
  added: layout.u64,
  removed: layout.u64,
  /** The kernel had no place for them. */
  refused: layout.u64,
});

/** The map that counts them. */
export function rememberedMap(): MapSpec {
  return mapSpec({
    name: 'remembered',
    type: 'percpu_array',
    value: Remembered,
    maxEntries: REMEMBERING.length,
  });
}

/** Writes what is in the frame into a map of what is remembered, and counts it. */
export interface Remember {
  readonly map: MapSpec;
  readonly key: Field;
  readonly value: Field;
  /** Four bytes. */
  readonly counter: Field;
  /** Where it goes if there is no place for it. Default: on. */
  readonly refused?: string;
}

/** Remembers it, in the place of what was there. Uses r0 to r5. */
export function remember(maps: DatapathMaps, what: Remember): Code {
  const id = unique();
  const [there, done] = [`there ${id}`, `remembered ${id}`];
  return [
    rememberNew(maps, { ...what, there }),
    goto(done),
    label(there),
    update(what.map, what.key.offset, what.value.offset),
    jeq(r0, 0, done),
    countRemembered(maps, what, 'refused'),
    what.refused === undefined ? [] : goto(what.refused),
    label(done),
  ];
}

/** Remembers it if nothing is there, and goes to `there` if something is. Uses r0 to r5. */
export function rememberNew(maps: DatapathMaps, what: Remember & { readonly there: string }): Code {
  const id = unique();
  const [added, done] = [`added ${id}`, `new ${id}`];
  return [
    loadMap(r1, what.map),
    addressOf(r2, what.key.offset),
    addressOf(r3, what.value.offset),
    mov(r4, ADD),
    call('map_update_elem'),
    jeq(r0, 0, added),
    jeq(r0, -EEXIST, what.there),
    countRemembered(maps, what, 'refused'),
    goto(what.refused ?? done),
    label(added),
    countRemembered(maps, what, 'added'),
    label(done),
  ];
}

/** Counts what became of an entry. Uses r0 to r2. */
export function countRemembered(
  { remembered }: DatapathMaps,
  { map, counter }: Pick<Remember, 'map' | 'counter'>,
  what: keyof typeof Remembered.at,
): Code {
  const skip = `counted ${what} ${unique()}`;
  const index = REMEMBERING.indexOf(map.name);
  if (index < 0) throw new RangeError(`Map ${map.name} remembers nothing that is counted`);
  const place = Remembered.at[what];
  return [
    storeImm(r10, at(counter.offset, 'u32'), index),
    lookup(remembered, counter.offset),
    jeq(r0, 0, skip),
    load(r1, r0, place),
    add(r1, 1),
    store(r0, place, r1),
    label(skip),
  ];
}

/** Forgets what a map has for the key, if it has anything. Uses r0 to r5. */
export function forget(maps: DatapathMaps, what: Pick<Remember, 'map' | 'key' | 'counter'>): Code {
  const nothing = `nothing to forget ${unique()}`;
  return [
    // to look takes no lock, and mostly there is nothing
    lookup(what.map, what.key.offset),
    jeq(r0, 0, nothing),
    loadMap(r1, what.map),
    addressOf(r2, what.key.offset),
    call('map_delete_elem'),
    jne(r0, 0, nothing),
    countRemembered(maps, what, 'removed'),
    label(nothing),
  ];
}
