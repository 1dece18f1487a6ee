import { textOfName } from './element-text.ts';
import { compareElements, ElementKind, PathElement } from './path-element.ts';
import type { FieldPath } from './path.ts';
import { PatternError, type PatternStep, readSteps, Wildcard } from './pattern-reader.ts';

/**
 * Which fields a text means: a path with wildcards, and everything below what it matches.
 *
 * `.spec.template.spec.containers[name="app"].image`, `.metadata.annotations["a.b/c"]`, `.spec.ports[*]`, `.data.*`,
 * `**.image`; elements also as FieldsV1 has them: `[k:{"name":"app"}]`, `[v:"x"]`, `[i:0]`. The first dot may be left out.
 * A pattern without wildcards also matches the path that messages print as its text, such as
 * `.metadata.annotations.a.b/c`, which cannot tell the dots of names from those between fields.
 */
export class PathPattern {
  /** As it was written. */
  readonly text: string;
  readonly #steps: readonly PatternStep[];
  /** What messages print of a path that is meant; undefined where the pattern has wildcards. */
  readonly #printed: string | undefined;

  /** @internal */
  constructor(text: string, steps: readonly PatternStep[]) {
    this.text = text;
    this.#steps = steps;
    const plain = steps.every((step) => step instanceof PathElement);
    this.#printed = plain ? (/^[.[]/.test(text) ? text : `.${text}`) : undefined;
  }

  /** The one path that it means beside those below; undefined where the pattern has wildcards. */
  get path(): FieldPath | undefined {
    return this.#printed === undefined ? undefined : (this.#steps as FieldPath);
  }

  /** True for a path that it means, and for those below. Linear in the lengths of both, multiplied. */
  matches(path: FieldPath): boolean {
    return matchesSteps(this.#steps, path) || (this.#printed !== undefined && isPrintedSo(path, this.#printed));
  }

  toString(): string {
    return this.text;
  }
}

/** Says why a text is no pattern. */
export interface MalformedPattern {
  /** The whole sentence, without the fix. */
  readonly malformed: string;
  /** Counted in characters from 0. */
  readonly position: number;
  readonly fix: string;
}

/** Reads a pattern. Never throws: what is wrong with the text is told, where, and how it is mended. */
export function parsePathPattern(text: string): PathPattern | MalformedPattern {
  try {
    return new PathPattern(text, readSteps(text));
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const { position, message, fix } = error;
    return { malformed: `path ${JSON.stringify(text)} at position ${position}: ${message}`, position, fix };
  }
}

/** True for the answer to a text that is no pattern. */
export function isMalformedPattern(read: PathPattern | MalformedPattern): read is MalformedPattern {
  return !(read instanceof PathPattern);
}

/** A name that needs no quotes. */
const plainName = /^[^.[\]"'\s*]+$/;

/** A path as the pattern that means it and no other: as messages show it, with quotes where that would be ambiguous. */
export function patternOf(path: FieldPath): string {
  return path.map(stepOf).join('');
}

function stepOf(element: PathElement): string {
  if (element.kind === ElementKind.field)
    return plainName.test(element.name) ? element.toString() : `[${textOfName(element.name)}]`;
  if (element.kind === ElementKind.key && element.key.every(({ name, value }) => isKeyName(name) && isPlain(value)))
    return element.toString();
  if (element.kind === ElementKind.value && isPlain(element.value)) return element.toString();
  return element.kind === ElementKind.index ? element.toString() : `[${element.text}]`;
}

function isKeyName(name: string): boolean {
  return plainName.test(name) && !/[=,:]/.test(name);
}

function isPlain(value: unknown): boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint' || Number.isSafeInteger(value)
  );
}

/** All places in the pattern that the path so far may have come to, so that no path is read twice. */
function matchesSteps(steps: readonly PatternStep[], path: FieldPath): boolean {
  let places = new Set<number>();
  enter(0, steps, places);
  for (const element of path) {
    if (places.has(steps.length)) return true;
    const next = new Set<number>();
    for (const place of places) {
      const step = steps[place]!;
      if (step === Wildcard.anyDepth) enter(place, steps, next);
      else if (stepMatches(step, element)) enter(place + 1, steps, next);
    }
    if (next.size === 0) return false;
    places = next;
  }
  return places.has(steps.length);
}

/** Any depth may be none. */
function enter(place: number, steps: readonly PatternStep[], places: Set<number>): void {
  places.add(place);
  for (let at = place; steps[at] === Wildcard.anyDepth; at++) places.add(at + 1);
}

function stepMatches(step: PatternStep, element: PathElement): boolean {
  if (step instanceof PathElement) return compareElements(step, element) === 0;
  return (step === Wildcard.anyField) === (element.kind === ElementKind.field);
}

function isPrintedSo(path: FieldPath, text: string): boolean {
  let printed = '';
  for (const element of path) {
    if (printed === text) return true;
    printed += element;
    if (!text.startsWith(printed)) return false;
  }
  return printed === text;
}
