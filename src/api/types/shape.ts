import { goFacts } from './go-types.ts';

/** What a Go type is to JSON. `name` is the type as Go prints it in messages: `v1.Container`, `[]string`. */
export type Shape =
  | {
      readonly kind: 'string' | 'bool' | 'int32' | 'int64' | 'uint8' | 'float64' | 'bytes' | 'any';
      readonly name: string;
    }
  | { readonly kind: 'struct'; readonly name: string; readonly type: string }
  | { readonly kind: 'custom'; readonly name: string; readonly type: string }
  | { readonly kind: 'list' | 'map' | 'pointer'; readonly name: string; readonly element: Shape };

const shapes = new Map<string, Shape>();

/** The shape of a Go type that the facts spell; the same object for the same type. */
export function shapeOf(type: string): Shape {
  let shape = shapes.get(type);
  if (shape === undefined) {
    shape = makeShape(type);
    shapes.set(type, shape);
  }
  return shape;
}

function makeShape(type: string): Shape {
  const name = printed(type);
  if (type.startsWith('*')) return { kind: 'pointer', name, element: shapeOf(type.slice(1)) };
  if (type === '[]uint8') return { kind: 'bytes', name };
  if (type.startsWith('[]')) return { kind: 'list', name, element: shapeOf(type.slice(2)) };
  if (type.startsWith('map[')) return { kind: 'map', name, element: shapeOf(type.slice(type.indexOf(']') + 1)) };
  if (type in goFacts().structs) return { kind: 'struct', name, type };
  if (type in goFacts().custom) return { kind: 'custom', name, type };
  const underlying = goFacts().named[type];
  if (underlying !== undefined) return { ...shapeOf(underlying), name };
  if (isScalar(type)) return { kind: type, name };
  throw new TypeError(`no Go type "${type}"`);
}

/** Go prints the last part of a package's path only. */
function printed(type: string): string {
  return type.replaceAll(/[\w.-]+\//g, '').replace(/\bany$/, 'interface {}');
}

function isScalar(type: string): type is 'string' | 'bool' | 'int32' | 'int64' | 'uint8' | 'float64' | 'any' {
  return ['string', 'bool', 'int32', 'int64', 'uint8', 'float64', 'any'].includes(type);
}
