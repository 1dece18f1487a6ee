import type { KubeObject } from 'nekube/apimachinery';
import { emptySet, type FieldPath, FieldSet, fieldElement, patternOf } from 'nekube/smd';
import type { Owner } from './owners.ts';
import { holdingsOf, nameOf, OwnershipTally, type Party, type PartyTally } from './tally.ts';
import { unownedFields } from './unowned-fields.ts';

/** A manager of which nothing was heard for long, and who would be left if its entries were removed. */
export interface SilentManager extends PartyTally {
  /** So many of its fields it owns alone: they would be nobody's. */
  readonly alone: number;
  /** Who owns how many of the others. */
  readonly leftTo: readonly { readonly party: Party; readonly fields: number }[];
}

/** A field of a kind that no applied configuration mentions. */
export interface UnappliedField {
  readonly apiVersion: string;
  readonly kind: string;
  readonly path: string;
  /** Those who own it by updates; empty if nobody does. */
  readonly owners: readonly Party[];
  readonly objects: number;
  /** Some of the objects, as `namespace/name`. */
  readonly examples: readonly string[];
}

/** Objects of a kind that nobody applies at all. */
export type UnappliedObjects = Pick<UnappliedField, 'apiVersion' | 'kind' | 'objects' | 'examples'>;

/** What has to be taken over by somebody. */
export interface Takeover {
  readonly objects: number;
  /** Managers whose entries, in all the objects, last changed before the time that was given; the longest silent first. */
  readonly silent: readonly SilentManager[];
  /** Managers none of whose entries has a time: it cannot be said when they were last heard of. */
  readonly untimed: readonly Party[];
  /** Of objects that somebody applies: fields that only updates own, or nobody. */
  readonly fields: readonly UnappliedField[];
  readonly unapplied: readonly UnappliedObjects[];
}

const MOST_EXAMPLES = 3;
const STATUS = FieldSet.of([fieldElement('status')]);

/**
 * Finds what nobody looks after any more, one object at a time; it keeps counts, no objects. The status of objects does not
 * count, which is for controllers to update.
 */
export class TakeoverReport {
  readonly #tally = new OwnershipTally();
  readonly #fields = new Map<string, Grouped & Pick<UnappliedField, 'path' | 'owners'>>();
  readonly #unapplied = new Map<string, Grouped>();

  /** Looks at an object and its owners. */
  add(object: KubeObject, owners: readonly Owner[]): void {
    this.#tally.add(owners);
    if (!owners.some(({ operation }) => operation === 'Apply')) return group(this.#unapplied, '', object, {});
    const holdings = holdingsOf(owners.filter(({ operation }) => operation === 'Update'));
    const applied = owners.reduce((all, one) => (one.operation === 'Apply' ? all.union(one.fields) : all), emptySet);
    const updated = holdings.reduce((all, { fields }) => all.union(fields), emptySet);
    const left = updated.difference(applied).recursiveDifference(applied.leaves()).recursiveDifference(STATUS);
    for (const path of left.paths()) {
      const parties = holdings.filter(({ fields }) => fields.has(path)).map(({ party }) => party);
      this.#addField(object, path, parties);
    }
    for (const path of unownedFields(object, owners)) this.#addField(object, path, []);
  }

  /** @param before RFC 3339, in UTC: managers of whom nothing was heard since are silent */
  result(before: string): Takeover {
    const parties = this.#tally.parties();
    const silent = parties.filter(({ newest }) => newest !== undefined && newest < before);
    return {
      objects: this.#tally.objects,
      silent: silent.map((party) => this.#silent(party)).sort((a, b) => (a.newest! < b.newest! ? -1 : 1)),
      untimed: parties.filter(({ newest }) => newest === undefined),
      fields: mostFirst(this.#fields),
      unapplied: mostFirst(this.#unapplied),
    };
  }

  #silent(party: PartyTally): SilentManager {
    const leftTo = this.#tally.pairs().flatMap(({ parties, fields }) => {
      const other = parties.find((one) => nameOf(one) !== nameOf(party))!;
      return parties.some((one) => nameOf(one) === nameOf(party)) ? [{ party: other, fields }] : [];
    });
    return { ...party, alone: party.fields - party.shared, leftTo };
  }

  #addField(object: KubeObject, at: FieldPath, owners: readonly Party[]): void {
    const path = patternOf(at);
    group(this.#fields, `${path}\n${owners.map(nameOf).join('\n')}`, object, { path, owners });
  }
}

interface Grouped {
  readonly apiVersion: string;
  readonly kind: string;
  objects: number;
  readonly examples: string[];
}

/** Counts an object among those of its kind that have the same to say. */
function group<T extends object>(groups: Map<string, Grouped & T>, what: string, object: KubeObject, more: T): void {
  const { apiVersion = '', kind = '', metadata } = object;
  const key = `${apiVersion}\n${kind}\n${what}`;
  const known = groups.get(key) ?? { apiVersion, kind, objects: 0, examples: [], ...more };
  known.objects++;
  if (known.examples.length < MOST_EXAMPLES) {
    known.examples.push(`${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name ?? ''}`);
  }
  groups.set(key, known);
}

function mostFirst<T extends Grouped>(groups: ReadonlyMap<string, T>): T[] {
  return [...groups]
    .sort(([a, one], [b, other]) => other.objects - one.objects || (a < b ? -1 : 1))
    .map(([, one]) => one);
}
