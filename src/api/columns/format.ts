import { humanDuration, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';

/** The cells between the name and the age of an object. */
type MiddleCells = (object: KubeObject, now: Date) => JsonValue[];

/** Name, the resource's own cells, and the age: what most tables show. */
export function nameAnd(cells: MiddleCells = () => []): CellPrinter {
  return (object, now) => [object.metadata.name ?? '', ...cells(object, now), ageOf(object, now)];
}

/** How long ago the object was made. */
export function ageOf(object: KubeObject, now: Date): string {
  return since(object.metadata.creationTimestamp, now);
}

/** How long ago an RFC 3339 time was, in kubectl's short form; a missing one is `<unknown>`. */
export function since(time: string | null | undefined, now: Date): string {
  return time ? humanDuration(now.getTime() - Date.parse(time)) : '<unknown>';
}

/** The name and the creation time: tables of resources without columns of their own. */
export const nameAndCreation: CellPrinter = (object) => [
  object.metadata.name ?? '',
  object.metadata.creationTimestamp ?? '0001-01-01T00:00:00Z',
];

/** `a=1,b=2`, sorted by key; `<none>` when there are none. */
export function formatLabels(labels: Readonly<Record<string, string>> | null | undefined): string {
  const text = Object.entries(labels ?? {})
    .map(([key, value]) => ({ key, text: `${key}=${value}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((label) => label.text)
    .join(',');
  return text === '' ? '<none>' : text;
}

/** Names and images of containers, each separated by commas. */
export function containerCells(
  containers: readonly { name?: string; image?: string }[] | null | undefined,
): [string, string] {
  const list = containers ?? [];
  return [list.map((c) => c.name ?? '').join(','), list.map((c) => c.image ?? '').join(',')];
}

/** The first of many: `a,b,c + 2 more...`. */
export function firstOf(all: readonly string[], max: number, separator = ','): string {
  const shown = all.slice(0, max).join(separator);
  return all.length > max ? `${shown} + ${all.length - max} more...` : shown;
}

/** The text, or what stands for an empty one. */
export function orElse(text: string | null | undefined, empty: string): string {
  return text ? text : empty;
}

/** Distinct texts, sorted and joined by commas. */
export function joinSet(texts: readonly string[]): string {
  return [...new Set(texts)].sort().join(',');
}

/** IPs, or else host names, of a load balancer's status. */
export function ingressAddresses(
  loadBalancer: { ingress?: readonly { ip?: string; hostname?: string }[] } | undefined,
): string {
  return joinSet(
    (loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter((text) => text !== ''),
  );
}
