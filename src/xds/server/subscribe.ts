import type { Snapshot } from '../resources/snapshot.ts';
import type { DeltaWants, Wants } from './request.ts';
import type { TypeState } from './type-state.ts';

const ALL = '*';

/**
 * Takes what a request asks for into the state of its type. `snapshot` is undefined while there is none; `isStale` tells the
 * names of which the client has to hear again, whatever it says that it has.
 */
export function subscribe(
  state: TypeState,
  wants: Wants,
  snapshot: Snapshot | undefined,
  isStale: (name: string) => boolean,
): void {
  const isFirst = !state.hasBegun;
  state.hasBegun = true;
  if (isFirst && !('names' in wants ? wants.version !== '' : Object.keys(wants.initial).length > 0)) {
    // a process that is new may think otherwise of what another one refused
    state.kept.good.clear();
    state.kept.bad.clear();
  }
  if ('names' in wants) {
    if (isFirst) {
      state.mustAnswer = true;
      if (wants.version !== '') state.claim = wants.version;
    }
    askForExactly(state, wants.names, snapshot);
  } else {
    if (isFirst) comeBack(state, wants, isStale);
    askForMore(state, wants, snapshot, isFirst);
    for (const name of wants.unsubscribe) {
      if (name === ALL) askForNamed(state);
      else if (state.names.delete(name) && !state.isWildcard) state.forget(name);
    }
  }
}

/** A client of the state of the world says all names each time. */
function askForExactly(state: TypeState, names: readonly string[], snapshot: Snapshot | undefined): void {
  const named = new Set(names);
  const isWildcard = named.delete(ALL) || (named.size === 0 && state.type.isWhole && !state.wasNamed);
  if (names.length > 0) state.wasNamed = true;
  const gone = [...state.names].filter((name) => !named.has(name));
  for (const name of gone) state.names.delete(name);
  if (isWildcard) {
    if (!state.isWildcard) askForAll(state, snapshot);
  } else {
    if (state.isWildcard) askForNamed(state);
    for (const name of gone) state.forget(name);
    // with the version of what it has now, which it tells when it comes back
    if (gone.length > 0) state.mustAnswer = true;
  }
  for (const name of named) {
    if (state.names.has(name)) continue;
    state.names.add(name);
    state.dirty.add(name);
  }
}

/** What a client of changes has that comes back; one that has nothing waits for an answer. */
function comeBack(state: TypeState, { initial }: DeltaWants, isStale: (name: string) => boolean): void {
  for (const [name, version] of Object.entries(initial)) {
    state.acked.set(name, version);
    if (!isStale(name)) state.setTold(name, { version });
    state.dirty.add(name);
  }
  state.mustAnswer = state.told.size === 0;
}

function askForMore(state: TypeState, wants: DeltaWants, snapshot: Snapshot | undefined, isFirst: boolean): void {
  const isWildcard = wants.subscribe.includes(ALL) || (isFirst && state.type.isWhole && wants.subscribe.length === 0);
  if (isWildcard) askForAll(state, snapshot);
  for (const name of wants.subscribe) {
    if (name === ALL) continue;
    // who asks again wants to hear it again
    if (!isFirst) state.setTold(name, undefined);
    state.names.add(name);
    state.dirty.add(name);
  }
}

function askForAll(state: TypeState, snapshot: Snapshot | undefined): void {
  state.isWildcard = true;
  if (snapshot === undefined) return;
  for (const { name } of snapshot.resources(state.type.url)) state.dirty.add(name);
}

function askForNamed(state: TypeState): void {
  state.isWildcard = false;
  for (const name of [...state.told.keys(), ...state.dirty]) if (!state.names.has(name)) state.forget(name);
}
