import type { JsonObject } from 'nekube/apimachinery';
import { type OperationFacts, type PathItemFacts, pathFacts } from '../facts.ts';

/** The `paths` of an OpenAPI v3 document. */
export function pathItems(document: string): JsonObject {
  const items = Object.entries(pathFacts().documents[document] ?? {});
  return Object.fromEntries(items.map(([path, item]) => [path, pathItem(item)]));
}

function pathItem({ parameters, ...methods }: PathItemFacts): JsonObject {
  const operations = Object.entries(methods).map(([method, facts]) => [method, operation(facts as OperationFacts)]);
  return { ...Object.fromEntries(operations), ...(parameters && { parameters: pooled(parameters) }) };
}

function pooled(places: readonly number[]): JsonObject[] {
  return places.map((place) => pathFacts().pools.parameters[place]!);
}

function operation(facts: OperationFacts): JsonObject {
  return {
    tags: [facts.tag],
    description: facts.does,
    operationId: facts.id,
    ...(facts.parameters && { parameters: pooled(facts.parameters) }),
    ...(facts.takes && { requestBody: requestBody(facts) }),
    responses: responses(facts),
    ...(facts.action && { 'x-kubernetes-action': facts.action }),
    ...(facts.kind && { 'x-kubernetes-group-version-kind': gvk(facts.kind) }),
  };
}

function requestBody({ takes, as, required }: OperationFacts): JsonObject {
  return { content: content(takes!, as!), ...(required && { required }) };
}

function responses({ gives, in: media, codes }: OperationFacts): JsonObject {
  const entries = pathFacts().pools.codes[codes]!.map((code): [string, JsonObject] => {
    const [number, description] = [code.slice(0, 3), code.slice(4)];
    return [number, { description, ...(number < '300' && { content: content(gives, media) }) }];
  });
  return Object.fromEntries(entries);
}

function content(schema: string, media: number): JsonObject {
  const body: JsonObject = schema.includes('.') ? { $ref: `#/components/schemas/${schema}` } : { type: schema };
  return Object.fromEntries(pathFacts().pools.media[media]!.map((type) => [type, { schema: body }]));
}

/** Splits `group/version/kind`. */
export function gvk(name: string): JsonObject {
  const [group, version, kind] = name.split('/') as [string, string, string];
  return { group, version, kind };
}
