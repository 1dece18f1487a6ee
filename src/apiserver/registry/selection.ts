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

/** Old names of field labels, by resource. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = { pods: { 'spec.host': 'spec.nodeName' } };

/**
 * Compiles the selectors of a request.
 *
 * @throws StatusError BadRequest for a field that the kind cannot be selected by
 */
export function compileSelection(resource: ServedResource, labels: LabelSelector, fields: FieldSelector): Selection {
  const known = fields.map((requirement) => {
    const field = RENAMED[resource.resource]?.[requirement.field] ?? requirement.field;
    checkField(resource, field);
    return { ...requirement, field };
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
  const own = byMetadata ? {} : (resource.rules.selectableFields?.(object) ?? {});
  return { 'metadata.name': name, 'metadata.namespace': namespace, ...own };
}

const EMPTY: KubeObject = { metadata: {}, spec: {}, status: {} };

function checkField(resource: ServedResource, field: string): void {
  if (COMMON_FIELDS.includes(field)) return;
  const { selectableFields } = resource.rules;
  if (selectableFields === undefined)
    throw newBadRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
  if (Object.hasOwn(selectableFields(EMPTY), field)) return;
  throw newBadRequest(unsupportedField(resource, field));
}

/** Kinds whose message names them. */
function unsupportedField(resource: ServedResource, field: string): string {
  if (resource.custom) return `field label not supported: ${field}`;
  const named: Readonly<Record<string, string>> = {
    'jobs.batch': 'Job',
    'replicasets.apps': 'appsv1.ReplicaSet',
    'certificatesigningrequests.certificates.k8s.io': 'CertificateSigningRequest',
  };
  const kind = named[`${resource.resource}.${resource.group}`];
  return kind === undefined ? `field label not supported: ${field}` : `field label "${field}" not supported for ${kind}`;
}
