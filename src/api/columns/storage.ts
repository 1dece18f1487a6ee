import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { ageOf, nameAnd, nameAndCreation, orElse } from './format.ts';

/** Cells of the storage.k8s.io group's resources. */
export const storageCells: Readonly<Record<string, CellPrinter>> = {
  csidrivers: nameAnd(driverCells),
  csinodes: nameAnd(({ spec }) => [(spec?.drivers ?? []).length]),
  csistoragecapacities: nameAndCreation,
  storageclasses: storageClassCells,
  volumeattachments: nameAnd(({ spec, status }) => [
    spec?.attacher ?? '',
    spec?.source?.persistentVolumeName ?? '',
    spec?.nodeName ?? '',
    status?.attached ?? false,
  ]),
  volumeattributesclasses: nameAnd(({ driverName }) => [driverName ?? '']),
};

function driverCells({ spec = {} }: KubeObject): JsonValue[] {
  const requests: Loose[] | undefined = spec.tokenRequests;
  return [
    spec.attachRequired ?? true,
    spec.podInfoOnMount ?? false,
    spec.storageCapacity ?? false,
    requests ? requests.map((request) => request.audience ?? '').join(',') : '<unset>',
    spec.requiresRepublish ?? false,
    orElse((spec.volumeLifecycleModes ?? []).join(','), '<none>'),
  ];
}

const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

function storageClassCells(object: KubeObject, now: Date): JsonValue[] {
  const { metadata } = object;
  const isDefault = DEFAULT_ANNOTATIONS.some((key) => metadata.annotations?.[key] === 'true');
  const name = metadata.name ?? '';
  return [
    isDefault ? `${name} (default)` : name,
    object.provisioner ?? '',
    object.reclaimPolicy ?? 'Delete',
    object.volumeBindingMode ?? 'Immediate',
    object.allowVolumeExpansion ?? false,
    ageOf(object, now),
  ];
}
