import type { KubeObject } from 'nekube/apimachinery';
import type { FieldPath } from 'nekube/smd';
import { fieldsOf } from './fields.ts';
import type { Writer } from './history-record.ts';
import { type KeptValue, keptValue, type ValueOf } from './kept-value.ts';
import { textOfPath } from './path-text.ts';

/** An object as it was last seen: what the next version is compared with. */
export interface ObjectState {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Milliseconds since 1970. */
  readonly seenAt: number;
  /** False: it is gone. */
  readonly isPresent: boolean;
  /** The watch that saw it. */
  readonly scope: number;
  readonly writers: readonly Writer[];
  /** By path, see `textOfPath`. */
  readonly fields: ReadonlyMap<string, FieldState>;
}

/** A field of an object, as it was last seen. */
export interface FieldState {
  readonly value: KeptValue;
  /** Places among the writers. */
  readonly owners: readonly number[];
}

/** How states are made of objects. */
export interface StateOptions {
  readonly scope: number;
  readonly seenAt: number;
  readonly salt: Buffer;
  readonly isLeftOut: (path: FieldPath) => boolean;
}

/** The state that an object is in, and what is wrong with its managedFields. */
export function stateOf(
  object: KubeObject,
  named: ValueOf,
  { scope, seenAt, salt, isLeftOut }: StateOptions,
): { readonly state: ObjectState; readonly problems: readonly string[] } {
  const taken = fieldsOf(object, isLeftOut);
  const fields = new Map<string, FieldState>();
  for (const { path, value, owners } of taken.fields)
    fields.set(textOfPath(path), { value: keptValue(value, path, named, salt), owners });
  const writers = taken.owners.map(({ manager, operation, apiVersion, subresource, time }): Writer => {
    const ms = time === undefined ? Number.NaN : Date.parse(time);
    return { manager, operation, apiVersion, subresource, ...(!Number.isNaN(ms) && { time: ms }) };
  });
  const { uid = '', resourceVersion = '' } = object.metadata;
  return {
    state: { uid, resourceVersion, seenAt, isPresent: true, scope, writers, fields },
    problems: taken.problems,
  };
}
