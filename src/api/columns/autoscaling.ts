import type { KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { firstOf, nameAnd } from './format.ts';

/** Cells of the autoscaling group's resources, in version v2. */
export const autoscalingCells: Readonly<Record<string, CellPrinter>> = {
  horizontalpodautoscalers: nameAnd(({ spec, status }) => [
    `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`,
    formatMetrics(spec?.metrics ?? [], status?.currentMetrics ?? []),
    String(spec?.minReplicas ?? '<unset>'),
    spec?.maxReplicas ?? 0,
    status?.currentReplicas ?? 0,
  ]),
};

function formatMetrics(specs: readonly Loose[], statuses: readonly Loose[]): string {
  if (specs.length === 0) return '<none>';
  return firstOf(
    specs.map((spec, i) => formatMetric(spec, statuses[i])),
    2,
    ', ',
  );
}

/** `current/target` of one metric; the current one is unknown where the status at its place is of another type. */
function formatMetric(spec: Loose, status: Loose): string {
  switch (spec.type) {
    case 'External':
      return formatValue(spec.external?.target, status?.external?.current);
    case 'Object':
      return formatValue(spec.object?.target, status?.object?.current);
    case 'Pods':
      return `${quantity(status?.pods?.current, 'averageValue')}/${spec.pods?.target?.averageValue ?? '<nil>'}`;
    case 'Resource':
      return `${spec.resource?.name ?? ''}: ${formatUsage(spec.resource?.target, status?.resource?.current)}`;
    case 'ContainerResource':
      return `${spec.containerResource?.name ?? ''}: ${formatUsage(spec.containerResource?.target, status?.containerResource?.current)}`;
    default:
      return '<unknown type>';
  }
}

function formatValue(target: Loose, current: Loose): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`;
  return `${quantity(current, 'value')}/${target?.value ?? '<nil>'}`;
}

function formatUsage(target: Loose, current: Loose): string {
  if (target?.averageValue !== undefined) return `${quantity(current, 'averageValue')}/${target.averageValue}`;
  return `${percent(current, '<unknown>')}/${percent(target, '<auto>')}`;
}

/** A quantity of a status; one that lacks it prints as Go's nil. */
function quantity(current: Loose, field: 'value' | 'averageValue'): string {
  return current === undefined ? '<unknown>' : (current[field] ?? '<nil>');
}

function percent(value: Loose, missing: string): string {
  return value?.averageUtilization === undefined ? missing : `${value.averageUtilization}%`;
}

/** Cells of a Scale, which the `scale` subresource answers. */
export const scaleCells: CellPrinter = nameAnd(({ spec, status }: KubeObject) => [
  spec?.replicas ?? 0,
  status?.replicas ?? 0,
]);
