import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { ageOf, nameAnd } from './format.ts';

/** Cells of the flowcontrol.apiserver.k8s.io group's resources. */
export const flowControlCells: Readonly<Record<string, CellPrinter>> = {
  flowschemas: flowSchemaCells,
  prioritylevelconfigurations: nameAnd(({ spec }) => [spec?.type ?? '', ...limitCells(spec?.limited)]),
};

/** The order of flow schemas in a Table: by precedence, then by name. */
export function compareFlowSchemas(a: KubeObject, b: KubeObject): number {
  const difference = (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0);
  return difference !== 0 ? difference : (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

function flowSchemaCells(object: KubeObject, now: Date): JsonValue[] {
  const { spec = {}, status } = object;
  const dangling = (status?.conditions ?? []).find((c: Loose) => c.type === 'Dangling');
  return [
    object.metadata.name ?? '',
    spec.priorityLevelConfiguration?.name ?? '',
    spec.matchingPrecedence ?? 0,
    spec.distinguisherMethod ? (spec.distinguisherMethod.type ?? '') : '<none>',
    ageOf(object, now),
    dangling ? (dangling.status ?? '') : '?',
  ];
}

function limitCells(limited: Loose): JsonValue[] {
  if (!limited) return ['<none>', '<none>', '<none>', '<none>'];
  const shares = limited.nominalConcurrencyShares ?? 0;
  const queuing = limited.limitResponse?.queuing;
  if (!queuing) return [shares, '<none>', '<none>', '<none>'];
  return [shares, queuing.queues ?? 0, queuing.handSize ?? 0, queuing.queueLengthLimit ?? 0];
}
