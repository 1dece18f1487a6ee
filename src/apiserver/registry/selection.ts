import { fieldLabel } from 'nekube/api';
import { type FieldSelector, type KubeObject, type LabelSelector, newBadRequest } from 'nekube/apimachinery';
import type { Entry } from 'nekube/storage';
import { decodeRecord } from './record.ts';
import type { ServedResource } from './served.ts';

/** Which objects of a list or watch are meant. */
export interface Selection {
  /** True when everything is selected, so that no object need be looked at. */
  readonly all: boolean;
  matches(entry: Entry): boolean;
}

/** Field labels that every kind has. */
const COMMON_FIELDS = ['metadata.name', 'metadata.namespace'];

/**
 * Compiles the selectors of a request.
 *
 * @throws StatusError BadRequest for a field that the kind cannot be selected by
 */
export function compileSelection(resource: ServedResource, labels: LabelSelector, fields: FieldSelector): Selection {
  const known = fields.map((requirement) => {
    return { ...requirement, field: storedField(resource, requirement.field) };
  });
  if (labels.isEmpty && known.isEmpty) return { all: true, matches: () => true };
  const byMetadata = known.requirements.every((r) => COMMON_FIELDS.includes(r.field));
  return {
    all: false,
    matches(entry) {
      const object = decodeRecord(entry, resource.hubApiVersion, resource.kind);
      if (!labels.isEmpty && !labels.matches(object.metadata.labels)) return false;
      return known.isEmpty || known.matches(fieldsOf(resource, object, byMetadata));
    },
  };
}

function fieldsOf(resource: ServedResource, object: KubeObject, byMetadata: boolean): Record<string, string> {
  const { name = '', namespace = '' } = object.metadata;
  const own = byMetadata ? {} : (resource.rules.selectableFields?.(resource.settle?.(object) ?? object) ?? {});
  return { 'metadata.name': name, 'metadata.namespace': namespace, ...own };
}

const EMPTY: KubeObject = { metadata: {}, spec: {}, status: {} };

/** The field of stored objects that a field of the request stands for. @throws StatusError BadRequest */
function storedField(resource: ServedResource, field: string): string {
  if (!resource.custom) {
    const known = fieldLabel(resource.apiVersion, resource.kind, field);
    if (known.error !== undefined) throw newBadRequest(known.error);
    return known.label;
  }
  const { selectableFields } = resource.rules;
  if (COMMON_FIELDS.includes(field) || (selectableFields && Object.hasOwn(selectableFields(EMPTY), field)))
    return field;
  throw newBadRequest(`field label not supported: ${field}`);
}
