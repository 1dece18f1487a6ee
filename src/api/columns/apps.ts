import {
  formatLabelSelector,
  type JsonValue,
  type KubeObject,
  labelSelectorFromObject,
  parseApiVersion,
} from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { ageOf, containerCells, formatLabels, nameAnd } from './format.ts';

/** Cells of the apps group's resources. */
export const appsCells: Readonly<Record<string, CellPrinter>> = {
  controllerrevisions: nameAnd(({ metadata, revision }) => [
    formatController(metadata.ownerReferences ?? []),
    revision ?? 0,
  ]),
  daemonsets: daemonSetCells,
  deployments: (object, now) => [
    ...nameAnd(({ status }) => [readyOf(object), status?.updatedReplicas ?? 0, status?.availableReplicas ?? 0])(
      object,
      now,
    ),
    ...containersOf(object),
    selectorOf(object),
  ],
  replicasets: (object, now) => [
    ...nameAnd(({ spec, status }) => [spec?.replicas ?? 0, status?.replicas ?? 0, status?.readyReplicas ?? 0])(
      object,
      now,
    ),
    ...containersOf(object),
    formatLabelSelector(object.spec?.selector),
  ],
  statefulsets: (object, now) => [
    object.metadata.name ?? '',
    readyOf(object),
    ageOf(object, now),
    ...containersOf(object),
  ],
};

function readyOf({ spec, status }: KubeObject): string {
  return `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`;
}

function containersOf({ spec }: KubeObject): [string, string] {
  return containerCells(spec?.template?.spec?.containers);
}

function selectorOf({ spec }: KubeObject): string {
  try {
    return labelSelectorFromObject(spec?.selector).toString();
  } catch {
    return '<invalid>';
  }
}

function daemonSetCells(object: KubeObject, now: Date): JsonValue[] {
  const { spec, status = {} } = object;
  return [
    object.metadata.name ?? '',
    status.desiredNumberScheduled ?? 0,
    status.currentNumberScheduled ?? 0,
    status.numberReady ?? 0,
    status.updatedNumberScheduled ?? 0,
    status.numberAvailable ?? 0,
    formatLabels(spec?.template?.spec?.nodeSelector),
    ageOf(object, now),
    ...containersOf(object),
    formatLabelSelector(spec?.selector),
  ];
}

/** `replicaset.apps/name` of the owner that controls the object. */
function formatController(owners: readonly Loose[]): string {
  const owner = owners.find((reference) => reference.controller === true);
  if (!owner) return '<none>';
  const group = parseApiVersion(owner.apiVersion ?? '')?.group ?? '';
  if (group === '' && !owner.kind) return owner.name ?? '';
  return `${(group === '' ? owner.kind : `${owner.kind ?? ''}.${group}`).toLowerCase()}/${owner.name ?? ''}`;
}
