import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { Loose } from '../rule.ts';
import { goSchema } from './go-schema.ts';

const listTypes = ['atomic', 'set', 'map'];

/** The defects of x-kubernetes-list-type and x-kubernetes-list-map-keys of a schema. */
export function listTypeErrors(schema: Loose, path: Path): FieldError[] {
  const errors: FieldError[] = [];
  const listType: string | undefined = schema['x-kubernetes-list-type'] ?? undefined;
  const at = path.child('x-kubernetes-list-type');
  if (listType !== undefined && schema.type !== 'array') {
    const detail = 'must be array if x-kubernetes-list-type is specified';
    errors.push(
      schema.type ? invalid(path.child('type'), schema.type, detail) : requiredError(path.child('type'), detail),
    );
  } else if (listType === 'set') checkSetItems(schema.items, path.child('items'), errors);
  if (listType !== undefined && !listTypes.includes(listType)) errors.push(notSupported(at, listType, listTypes));
  const keys: string[] = schema['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? requiredError(at, detail) : invalid(at, listType, detail));
  }
  if (listType === 'map') checkMap(schema, keys, path, errors);
  if (listType === 'map' || listType === 'set') checkNoNulls(schema, listType, keys, path, errors);
  return errors;
}

/** Items of a set are compared whole, so none may be written by parts. */
function checkSetItems(items: Loose, path: Path, errors: FieldError[]): void {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const [listType, mapType] = [items?.['x-kubernetes-list-type'] ?? null, items?.['x-kubernetes-map-type'] ?? null];
  if (items?.type === 'array' && listType !== null && listType !== 'atomic') {
    errors.push(invalid(path.child('x-kubernetes-list-type'), listType, detail));
  }
  if (items?.type === 'object' && mapType !== 'atomic') {
    errors.push(invalid(path.child('x-kubernetes-map-type'), listType, detail));
  }
}

function checkMap(schema: Loose, keys: readonly string[], path: Path, errors: FieldError[]): void {
  const { items } = schema;
  const [keysAt, itemsAt] = [path.child('x-kubernetes-list-map-keys'), path.child('items')];
  if (keys.length === 0) errors.push(requiredError(keysAt, 'must not be empty if x-kubernetes-list-type is map'));
  if (!items) errors.push(requiredError(itemsAt, 'must have a schema if x-kubernetes-list-type is map'));
  else if (Array.isArray(items)) {
    const detail = 'must only have a single schema if x-kubernetes-list-type is map';
    errors.push(invalidGo(itemsAt, '*JSONSchemaPropsOrArray', { jsonSchemas: items.map(goSchema) }, detail));
  } else if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(itemsAt.child('type'), items.type ?? '', detail));
  } else checkMapKeys(items, keys, path, errors);
}

function checkMapKeys(items: Loose, keys: readonly string[], path: Path, errors: FieldError[]): void {
  const at = path.child('x-kubernetes-list-map-keys');
  keys.forEach((key, i) => {
    const property = items.properties?.[key];
    if (!property) errors.push(invalid(at, [...keys], 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(path.child('items').child('properties').key(key).child('type'), items.type, detail));
    }
    if (keys.indexOf(key) !== i) errors.push(invalid(at, [...keys], 'must not contain duplicate entries'));
  });
}

/** Keys must be there in every item, and neither items nor keys may be null. */
function checkNoNulls(
  schema: Loose,
  listType: string,
  keys: readonly string[],
  path: Path,
  errors: FieldError[],
): void {
  const { items } = schema;
  if (!items || Array.isArray(items)) return;
  const at = path.child('items');
  if (items.nullable) {
    errors.push(forbidden(at.child('nullable'), `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  for (const key of listType === 'map' ? keys : []) {
    const property = items.properties?.[key];
    if (!property) continue;
    const propertyAt = at.child('properties').key(key);
    const why = 'this property is in x-kubernetes-list-map-keys, so it';
    if (!items.required?.includes(key) && (property.default ?? null) === null) {
      errors.push(requiredError(propertyAt.child('default'), `${why} must have a default or be a required property`));
    }
    if (property.nullable) errors.push(forbidden(propertyAt.child('nullable'), `${why} cannot be nullable`));
  }
}
