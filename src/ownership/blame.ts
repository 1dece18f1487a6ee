import { type JsonObject, type JsonValue, type KubeObject, type YamlLine, yamlLines } from 'nekube/apimachinery';
import { type FieldPath, fieldElement, type PathElement } from 'nekube/smd';
import { Claims } from './claims.ts';
import { type Owner, readOwnership } from './owners.ts';

/**
 * How the owners of a line come to it:
 *
 * - `field`: they own the very field that the line shows
 * - `whole`: they own a part of the object that nobody owns a part of, as one that is atomic, and the line is in it
 * - `enclosing`: nobody owns the field (a default of the server, mostly); they own the item or the object that it is in,
 *   and it goes if they drop that. Another may set it without a conflict.
 */
export type ClaimKind = 'field' | 'whole' | 'enclosing';

/** A line of an object's YAML, and who owns what it shows. */
export interface BlamedLine {
  readonly text: string;
  /** The innermost field that begins on the line; that of the line before where a text goes on. */
  readonly path: FieldPath;
  /** All current owners, in the order of managedFields; empty if nobody owns it. */
  readonly owners: readonly Owner[];
  /** Absent without owners. */
  readonly claim?: ClaimKind;
  /** True where a text goes on from the line before. */
  readonly continued: boolean;
  /** How many fields begin on the line; 2 for an item of a list and its first field. */
  readonly begun: number;
}

/** An object's YAML, line by line. */
export interface Blame {
  readonly lines: readonly BlamedLine[];
  /** Those whom managedFields name, in their order. */
  readonly owners: readonly Owner[];
  /** What is wrong with entries of managedFields that could not be read; the others were. */
  readonly problems: readonly string[];
}

/**
 * Who owns each line of an object's YAML, which is what `kubectl get -o yaml` prints: without managedFields. Pure, and
 * linear in the lines and in the entries of managedFields.
 */
export function blame(object: KubeObject): Blame {
  const { owners, problems } = readOwnership(object);
  const shown = withoutManagedFields(object);
  const walk = new Walk(shown, Claims.of(owners));
  return { lines: yamlLines(shown).map((line) => walk.to(line)), owners, problems };
}

function withoutManagedFields(object: KubeObject): JsonObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata } as unknown as JsonObject;
}

/** Where the walk is: a field, what it holds, and who owns it. */
interface Place {
  readonly value: JsonValue;
  readonly claims: Claims;
  readonly path: FieldPath;
  readonly owned: Owned;
}

type Owned = Pick<BlamedLine, 'owners' | 'claim'>;

const OWNED_BY_NOBODY: Owned = { owners: [] };

/** Goes down and up an object as its YAML does, with the places that lead to the current line. */
class Walk {
  /** By depth; what is deeper than the current line is left over. */
  readonly #places: Place[];
  #at: Place;

  constructor(object: JsonObject, claims: Claims) {
    this.#at = { value: object, claims, path: [], owned: OWNED_BY_NOBODY };
    this.#places = [this.#at];
  }

  to({ text, path, begun }: YamlLine): BlamedLine {
    for (let depth = path.length - begun; depth < path.length; depth++) {
      this.#at = placeIn(this.#places[depth]!, path[depth]!);
      this.#places[depth + 1] = this.#at;
    }
    const { path: at, owned } = this.#at;
    return {
      text,
      path: at,
      owners: owned.owners,
      ...(owned.claim && { claim: owned.claim }),
      continued: begun === 0,
      begun,
    };
  }
}

function placeIn(parent: Place, step: string | number): Place {
  const { element, claims, value } = stepInto(parent, step);
  return { value, claims, path: [...parent.path, element], owned: ownedAt(claims, parent) };
}

function stepInto(
  { value, claims }: Place,
  step: string | number,
): { readonly element: PathElement; readonly claims: Claims; readonly value: JsonValue } {
  if (typeof step === 'string') {
    return { element: fieldElement(step), claims: claims.field(step), value: (value as JsonObject)[step]! };
  }
  const item = (value as readonly JsonValue[])[step]!;
  return { ...claims.item(step, item), value: item };
}

function ownedAt(claims: Claims, parent: Place): Owned {
  if (claims.owners.length > 0) return { owners: claims.owners, claim: 'field' };
  const { owners, claim } = parent.owned;
  if (owners.length === 0) return OWNED_BY_NOBODY;
  const whole = claim === 'whole' || (claim === 'field' && parent.claims.whole);
  return { owners, claim: whole ? 'whole' : 'enclosing' };
}
