import { isJsonObject, type JsonObject, type JsonValue, stringifyYaml } from 'nekube/apimachinery';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Field numbers of the messages of `openapi.v2` that the document uses, by the names in JSON. */
const document = {
  swagger: 1,
  info: 2,
  paths: 8,
  definitions: 9,
  parameters: 10,
  security: 12,
  securityDefinitions: 13,
};
const pathItem = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 };
const operation = { tags: 1, description: 3, operationId: 5, produces: 6, consumes: 7 };
const schemaScalars = { $ref: 1, format: 2, title: 3, description: 4 };
/** Numbers of schemas, most of which only custom resources have: those with a fraction, and those without. */
const schemaLimits = {
  multipleOf: 6,
  maximum: 7,
  exclusiveMaximum: 8,
  minimum: 9,
  exclusiveMinimum: 10,
  maxLength: 11,
  minLength: 12,
  pattern: 13,
  maxItems: 14,
  minItems: 15,
  uniqueItems: 16,
  maxProperties: 17,
  minProperties: 18,
  required: 19,
};
const fractions = new Set(['multipleOf', 'maximum', 'minimum']);
const queryParameter = { required: 1, in: 2, description: 3, name: 4, type: 6, format: 7, uniqueItems: 20 };
const pathParameter = { required: 1, in: 2, description: 3, name: 4, type: 5, format: 6, uniqueItems: 19 };
const bodyParameter = { name: 2, in: 3, required: 4 };
const apiKey = { type: 1, name: 2, in: 3, description: 4 };

type Numbers = Readonly<Record<string, number>>;

/** A Swagger document as the protobuf message `openapi.v2.Document`. */
export function encodeGnostic(swagger: JsonObject): Buffer {
  const w = new ProtobufWriter();
  w.string(document.swagger, swagger.swagger as string);
  w.message(document.info, () => writeScalars(w, { title: 1, version: 2 }, swagger.info as JsonObject));
  w.message(document.paths, () => named(w, 2, swagger.paths, (item) => writePathItem(w, item)));
  w.message(document.definitions, () => named(w, 1, swagger.definitions, (schema) => writeSchema(w, schema)));
  w.message(document.parameters, () => named(w, 1, swagger.parameters, (p) => writeParameter(w, p)));
  for (const requirement of swagger.security as JsonObject[])
    w.message(document.security, () => named(w, 1, requirement, () => {}));
  w.message(document.securityDefinitions, () =>
    named(w, 1, swagger.securityDefinitions, (scheme) => w.message(2, () => writeScalars(w, apiKey, scheme))),
  );
  return w.finish();
}

/** The entries of a map, each a message of name = 1 and value = 2. */
function named(w: ProtobufWriter, field: number, map: JsonValue | undefined, value: (entry: JsonObject) => void): void {
  for (const [name, entry] of Object.entries((map ?? {}) as JsonObject))
    w.message(field, () => {
      w.string(1, name);
      w.message(2, () => value(entry as JsonObject));
    });
}

/** Fields that are text, numbers, truth values or lists of text. */
function writeScalars(w: ProtobufWriter, numbers: Numbers, from: JsonObject): void {
  for (const [name, field] of Object.entries(numbers)) {
    const value = from[name];
    if (typeof value === 'string') w.string(field, value);
    else if (typeof value === 'boolean') w.bool(field, value);
    else if (typeof value === 'number' || typeof value === 'bigint') writeNumber(w, field, value, fractions.has(name));
    else if (Array.isArray(value)) for (const item of value) w.string(field, item as string);
  }
}

function writeNumber(w: ProtobufWriter, field: number, value: number | bigint, fraction: boolean): void {
  if (fraction) w.double(field, Number(value));
  else w.int64(field, value);
}

function writePathItem(w: ProtobufWriter, item: JsonObject): void {
  for (const [method, field] of Object.entries(pathItem))
    if (isJsonObject(item[method])) w.message(field, () => writeOperation(w, item[method] as JsonObject));
  for (const parameter of (item.parameters ?? []) as JsonObject[]) w.message(9, () => writeParameterItem(w, parameter));
}

function writeOperation(w: ProtobufWriter, from: JsonObject): void {
  writeScalars(w, operation, from);
  for (const parameter of (from.parameters ?? []) as JsonObject[]) w.message(8, () => writeParameterItem(w, parameter));
  w.message(9, () =>
    named(w, 1, from.responses, (response) =>
      w.message(1, () => {
        w.string(1, response.description as string);
        if (isJsonObject(response.schema))
          w.message(2, () => w.message(1, () => writeSchema(w, response.schema as JsonObject)));
      }),
    ),
  );
  writeScalars(w, { schemes: 10 }, from);
  writeExtensions(w, 13, from);
}

/** A parameter, or a reference to a shared one. */
function writeParameterItem(w: ProtobufWriter, parameter: JsonObject): void {
  if (parameter.$ref !== undefined) w.message(2, () => w.string(1, parameter.$ref as string));
  else w.message(1, () => writeParameter(w, parameter));
}

function writeParameter(w: ProtobufWriter, parameter: JsonObject): void {
  if (parameter.in === 'body')
    w.message(1, () => {
      writeScalars(w, bodyParameter, parameter);
      w.message(5, () => writeSchema(w, parameter.schema as JsonObject));
    });
  else if (parameter.in === 'query') w.message(2, () => w.message(3, () => writeScalars(w, queryParameter, parameter)));
  else w.message(2, () => w.message(4, () => writeScalars(w, pathParameter, parameter)));
}

function writeSchema(w: ProtobufWriter, schema: JsonObject): void {
  writeScalars(w, schemaScalars, schema);
  writeScalars(w, schemaLimits, schema);
  for (const value of (schema.enum ?? []) as JsonValue[]) w.message(20, () => w.string(2, stringifyYaml(value)));
  if (isJsonObject(schema.additionalProperties))
    w.message(21, () => w.message(1, () => writeSchema(w, schema.additionalProperties as JsonObject)));
  else if (typeof schema.additionalProperties === 'boolean')
    w.message(21, () => w.bool(2, schema.additionalProperties as boolean));
  if (schema.type !== undefined) w.message(22, () => w.string(1, schema.type as string));
  if (isJsonObject(schema.items)) w.message(23, () => w.message(1, () => writeSchema(w, schema.items as JsonObject)));
  if (isJsonObject(schema.properties))
    w.message(25, () => named(w, 1, schema.properties, (property) => writeSchema(w, property)));
  if (isJsonObject(schema.externalDocs))
    w.message(29, () => writeScalars(w, { description: 1, url: 2 }, schema.externalDocs as JsonObject));
  if (schema.example !== undefined) w.message(30, () => w.string(2, stringifyYaml(schema.example!)));
  writeExtensions(w, 31, schema);
}

/** Members whose names start with `x-`, their values as YAML. */
function writeExtensions(w: ProtobufWriter, field: number, from: JsonObject): void {
  for (const [name, value] of Object.entries(from))
    if (name.startsWith('x-'))
      w.message(field, () => {
        w.string(1, name);
        w.message(2, () => w.string(2, stringifyYaml(value)));
      });
}
