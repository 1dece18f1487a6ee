import { compareElements, fieldElement, indexElement, PathElement } from './path-element.ts';

/** The way from a whole object to one of its fields; empty for the object itself. */
export type FieldPath = readonly PathElement[];

/** A path of elements; a string stands for a field, a number for an index. */
export function pathOf(...parts: readonly (PathElement | string | number)[]): FieldPath {
  return parts.map((part) => {
    if (part instanceof PathElement) return part;
    return typeof part === 'string' ? fieldElement(part) : indexElement(part);
  });
}

/** A path as messages show it: `.spec.ports[port=80,protocol="TCP"].name`. */
export function formatPath(path: FieldPath): string {
  return path.join('');
}

/** The order of paths: element by element, a path before those below it. */
export function comparePaths(a: FieldPath, b: FieldPath): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const c = compareElements(a[i]!, b[i]!);
    if (c !== 0) return c;
  }
  return a.length - b.length;
}
