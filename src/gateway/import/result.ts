import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type { Source } from '../model/index.ts';

/** What resources of another kind become. */
export interface Imported {
  /** Sorted by kind, namespace and name; none stands twice. */
  readonly objects: readonly KubeObject[];
  /** What a person should know: nothing is left out without one. */
  readonly findings: readonly ImportFinding[];
}

/** What became of a part of a resource. */
export interface ImportFinding {
  readonly source: Source;
  /** Of the field or annotation. */
  readonly path: string;
  /** `dropped`: it has no equivalent. `changed`: it has, but not quite the same. `error`: it is wrong, and what it is in is left out. */
  readonly type: 'dropped' | 'changed' | 'error';
  /** What is to do. */
  readonly message: string;
}

/** Gathers objects and findings. */
export class Collector {
  readonly #objects = new Map<string, KubeObject>();
  readonly findings: ImportFinding[] = [];

  /** Adds an object; one that is there already is merged by `merge`, or stays, and the other is told of. */
  add(object: KubeObject, merge?: (old: KubeObject, added: KubeObject) => KubeObject): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old === undefined || merge !== undefined)
      this.#objects.set(key, old === undefined ? object : merge!(old, object));
    else if (!isDeepStrictEqual(old, object))
      this.findMade(
        object,
        'metadata.name',
        'another resource becomes one of this name: rename it; this one is left out',
      );
  }

  /** Notes what is wrong with what something would become. */
  findMade({ kind = '', metadata }: KubeObject, path: string, message: string): void {
    const source = { kind, namespace: metadata.namespace ?? 'default', name: metadata.name ?? '' };
    this.find(source, path, 'error', message);
  }

  /** Notes what became of a part. */
  find(source: Source, path: string, type: ImportFinding['type'], message: string): void {
    this.findings.push({ source, path, type, message });
  }

  /** All of it. */
  result(): Imported {
    const objects = [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    return { objects, findings: this.findings };
  }
}

/** An object of Gateway API. */
export function gatewayApiObject(kind: string, namespace: string, name: string, spec: JsonObject): KubeObject {
  const apiVersion = 'gateway.networking.k8s.io/v1';
  return { apiVersion, kind, metadata: { name, namespace }, spec } as unknown as KubeObject;
}

/** One of our policies. */
export function policyObject(kind: string, namespace: string, name: string, spec: JsonObject): KubeObject {
  const apiVersion = 'gateway.nekube.dev/v1alpha1';
  return { apiVersion, kind, metadata: { name, namespace }, spec } as unknown as KubeObject;
}

/** The target of a policy. */
export function targetOf(kind: string, name: string, sectionName?: string): JsonObject {
  const group = kind === 'Service' ? '' : 'gateway.networking.k8s.io';
  return { group, kind, name, ...(sectionName !== undefined && { sectionName }) };
}

/** A name for an object, made of parts that may be anything: it is not too long, and mostly another for others (`Collector.add` tells where not). */
export function nameOf(...parts: readonly string[]): string {
  const name = parts
    .join('-')
    .toLowerCase()
    .replace(/\*/g, 'all')
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return name.length <= 253 ? name : `${name.slice(0, 240)}-${hashOf(name)}`;
}

function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return hash.toString(36);
}

function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${kind} ${apiVersion} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}
