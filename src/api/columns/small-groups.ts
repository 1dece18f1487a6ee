import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { ageOf, nameAnd, nameAndCreation } from './format.ts';

/** Cells of the apiextensions.k8s.io group's resources. */
export const apiExtensionsCells: Readonly<Record<string, CellPrinter>> = { customresourcedefinitions: nameAndCreation };

/** Cells of the apiregistration.k8s.io group's resources. */
export const apiRegistrationCells: Readonly<Record<string, CellPrinter>> = {
  apiservices: nameAnd(({ spec, status }) => [
    spec?.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local',
    formatAvailable((status?.conditions ?? []).find((c: Loose) => c.type === 'Available')),
  ]),
};

function formatAvailable(condition: Loose): string {
  if (!condition) return 'Unknown';
  const { status = '', reason } = condition;
  return status !== 'True' && reason ? `${status} (${reason})` : status;
}

/** Cells of the coordination.k8s.io group's resources. */
export const coordinationCells: Readonly<Record<string, CellPrinter>> = {
  leases: nameAnd(({ spec }) => [spec?.holderIdentity ?? '']),
};

/** Cells of the node.k8s.io group's resources. */
export const nodeCells: Readonly<Record<string, CellPrinter>> = {
  runtimeclasses: nameAnd(({ handler }) => [handler ?? '']),
};

/** Cells of the policy group's resources. */
export const policyCells: Readonly<Record<string, CellPrinter>> = {
  poddisruptionbudgets: nameAnd(({ spec, status }) => [
    String(spec?.minAvailable ?? 'N/A'),
    String(spec?.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
  ]),
};

/** Cells of the scheduling.k8s.io group's resources. */
export const schedulingCells: Readonly<Record<string, CellPrinter>> = { priorityclasses: priorityClassCells };

function priorityClassCells(object: KubeObject, now: Date): JsonValue[] {
  const { metadata, value, globalDefault, preemptionPolicy } = object;
  return [metadata.name ?? '', value ?? 0, globalDefault ?? false, ageOf(object, now), preemptionPolicy ?? ''];
}
