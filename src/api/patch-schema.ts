import type { PatchField, PatchSchema } from 'nekube/apimachinery';
import { flatFields } from './types/compile.ts';
import type { GoField } from './types/go-types.ts';
import { type Shape, shapeOf } from './types/shape.ts';
import { typeOf } from './types/type.ts';

const schemas = new Map<string, PatchSchema>();

/**
 * The schema by which strategic merge patches of a kind work, made a struct at a time; undefined for a kind that is
 * not built in.
 */
export function patchSchemaOf(apiVersion: string, kind: string): PatchSchema | undefined {
  const type = typeOf(apiVersion, kind);
  return type && schemaOfShape(shapeOf(type.name));
}

/** The schema of a struct, and of what a list or a pointer holds; undefined for scalars. */
function schemaOfShape(shape: Shape): PatchSchema | undefined {
  if (shape.kind === 'pointer' || shape.kind === 'list') return schemaOfShape(shape.element);
  if (shape.kind === 'map') return mapSchema;
  if (shape.kind !== 'struct' && shape.kind !== 'custom') return undefined;
  let schema = schemas.get(shape.type);
  if (schema === undefined) {
    schema = structSchema(shape.type, shape.kind === 'struct' ? flatFields(shape.type) : []);
    schemas.set(shape.type, schema);
  }
  return schema;
}

/** Of a map only whole values can be merged. */
const mapSchema: PatchSchema = { isMap: true, field: () => undefined };

/** A type with a JSON form of its own has no fields that a patch could name. */
function structSchema(type: string, fields: readonly GoField[]): PatchSchema {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const made = new Map<string, PatchField>();
  return {
    structName: type.slice(type.lastIndexOf('.') + 1),
    field(name) {
      const field = byName.get(name);
      if (field === undefined) return undefined;
      let patchField = made.get(name);
      if (patchField === undefined) {
        const { patchStrategies: strategies, patchMergeKey } = field;
        patchField = {
          schema: schemaOfShape(shapeOf(field.type)),
          ...(patchMergeKey && { mergeKey: patchMergeKey }),
          strategies,
        };
        made.set(name, patchField);
      }
      return patchField;
    },
  };
}
