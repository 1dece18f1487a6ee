import type { KubeObject } from 'nekube/apimachinery';

/** Names of the fields that differ, in core/v1 and in events.k8s.io/v1. */
const renamed: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

const toEvents = new Map(renamed);
const toCore = new Map(renamed.map(([core, events]) => [events, core]));

/** An Event of core/v1 with the field names of events.k8s.io/v1. */
export function eventFromCore(event: KubeObject): KubeObject {
  return rename(event, toEvents);
}

/** An Event of events.k8s.io/v1 with the field names of core/v1. */
export function eventToCore(event: KubeObject): KubeObject {
  return rename(event, toCore);
}

function rename(event: KubeObject, names: ReadonlyMap<string, string>): KubeObject {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]),
  ) as KubeObject;
}
