import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import { orElse, since } from './format.ts';

/** Cells of an event, also of one in the events.k8s.io group: both are stored as the core group's. */
export function eventCells(event: KubeObject, now: Date): JsonValue[] {
  const { involvedObject = {}, series, source = {} } = event;
  const first = event.firstTimestamp ? since(event.firstTimestamp, now) : since(event.eventTime, now);
  const last = event.lastTimestamp ? since(event.lastTimestamp, now) : first;
  const kind = (involvedObject.kind ?? '').toLowerCase();
  return [
    series ? since(series.lastObservedTime, now) : last,
    event.type ?? '',
    event.reason ?? '',
    involvedObject.name ? `${kind}/${involvedObject.name}` : kind,
    involvedObject.fieldPath ?? '',
    formatSource(
      orElse(source.component, event.reportingComponent ?? ''),
      orElse(source.host, event.reportingInstance ?? ''),
    ),
    (event.message ?? '').trim(),
    first,
    series ? (series.count ?? 0) : event.count || 1,
    event.metadata.name ?? '',
  ];
}

function formatSource(component: string, instance: string): string {
  return instance === '' ? component : `${component}, ${instance}`;
}
