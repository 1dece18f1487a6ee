import { type OpenApiV3Document, openApiV3Document } from 'nekube/api';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from 'nekube/apimachinery';
import { FIELD_DECISION } from '../options.ts';

const APPLY = 'application/apply-patch+yaml';

const parameter: JsonObject = {
  description:
    'fieldDecision is what becomes of fields that the apply is in conflict over, as DECISION=PATH; it may be given ' +
    'several times, and the first that is about a field counts. DECISION is force (take the value), yield (keep the live ' +
    'value and do not own it), share (keep the live value and own it too) or fail. PATH is a path with wildcards, such as ' +
    '.spec.replicas, and means what is below it, too. Policies (FieldPolicy, ClusterFieldPolicy) go before. ' +
    'fieldDecision must be unset for non-apply patch requests.',
  explode: true,
  in: 'query',
  name: FIELD_DECISION,
  schema: { items: { type: 'string' }, type: 'array' },
  style: 'form',
};

const made = new WeakMap<OpenApiV3Document, OpenApiV3Document>();

/** A document whose applies have the parameter; made when it is first asked for. */
export function withFieldDecision(document: OpenApiV3Document): OpenApiV3Document {
  let changed = made.get(document);
  if (changed === undefined) {
    changed = openApiV3Document(document.path, () => contentWith(document));
    made.set(document, changed);
  }
  return changed;
}

function contentWith(document: OpenApiV3Document): JsonObject {
  const content = parseJson(Buffer.from(document.bytes()).toString('utf8')) as JsonObject;
  for (const item of Object.values((content.paths ?? {}) as JsonObject)) addTo(item);
  return content;
}

function addTo(item: JsonValue): void {
  const patch = isJsonObject(item) ? item.patch : undefined;
  if (!isJsonObject(patch) || !takesApply(patch)) return;
  const parameters = (patch.parameters ?? []) as JsonObject[];
  const after = parameters.findIndex(({ name }) => (name as string) > FIELD_DECISION);
  patch.parameters = parameters.toSpliced(after < 0 ? parameters.length : after, 0, parameter);
}

function takesApply({ requestBody }: JsonObject): boolean {
  const content = isJsonObject(requestBody) ? requestBody.content : undefined;
  return isJsonObject(content) && APPLY in content;
}
