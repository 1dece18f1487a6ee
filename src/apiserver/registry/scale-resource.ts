import { type CellPrinter, decodeObject, normalizeObject, patchSchemaOf, type TableColumn, typeOf } from 'nekube/api';
import { humanDuration } from 'nekube/apimachinery';
import { subresourceFieldManager } from './field-managers.ts';
import type { ServedResource } from './served.ts';

const made = new Map<boolean, ServedResource>();

/** Entries of a Scale pass no time on to the object's (see `withScaleEntries`), so no clock is asked. */
const noTime = () => new Date(0);

/**
 * Scale (autoscaling/v1) as something that can be patched and shown; it is never stored itself.
 *
 * @param custom of a custom resource, whose Table has columns of its own
 */
export function scaleResource(custom = false): ServedResource {
  const known = made.get(custom);
  if (known !== undefined) return known;
  const apiVersion = 'autoscaling/v1';
  const kind = 'Scale';
  const type = typeOf(apiVersion, kind)!;
  const manager = subresourceFieldManager(apiVersion, kind, 'scale', noTime);
  const resource: ServedResource = {
    group: 'autoscaling',
    version: 'v1',
    apiVersion,
    resource: 'scales',
    kind,
    listKind: 'ScaleList',
    namespaced: true,
    verbs: [],
    subresources: [],
    hubApiVersion: apiVersion,
    keyPrefix: '',
    rules: {},
    custom: false,
    goType: 'autoscaling.Scale',
    decode: (value) => decodeObject(type, value),
    normalizeHub: (object) => normalizeObject(type, object),
    toHub: (object) => object,
    fromHub: (object) => object,
    patchSchema: () => patchSchemaOf(apiVersion, kind),
    fieldManager: () => manager,
    table: () => ({ columns: columnsOf(custom), cells: cellsOf }),
  };
  made.set(custom, resource);
  return resource;
}

const NAME =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a ' +
  'client to request the generation of an appropriate name automatically. Name is primarily intended for creation ' +
  'idempotence and configuration definition. Cannot be updated. More info: ' +
  'https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const AGE =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to ' +
  'be set in happens-before order across separate operations. Clients may not set this value. It is represented in ' +
  'RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: ' +
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

function columnsOf(custom: boolean): TableColumn[] {
  const column = (name: string, type: string, description: string, format = ''): TableColumn => ({
    name,
    type,
    format,
    description,
    priority: 0,
  });
  const [desired, available] = custom
    ? ['Number of desired replicas', 'Number of actual replicas']
    : [
        'replicas is the desired number of instances for the scaled object.',
        'replicas is the actual number of observed instances of the scaled object.',
      ];
  return [
    column('Name', 'string', NAME, custom ? 'name' : ''),
    column('Desired', 'integer', desired!),
    column('Available', 'integer', available!),
    column('Age', custom ? 'date' : 'string', AGE),
  ];
}

const cellsOf: CellPrinter = ({ metadata, spec, status }, now) => [
  metadata.name ?? '',
  spec?.replicas ?? 0,
  status?.replicas ?? 0,
  metadata.creationTimestamp ? humanDuration(now.getTime() - Date.parse(metadata.creationTimestamp)) : '<unknown>',
];
