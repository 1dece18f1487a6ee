import type { KubeObject } from 'nekube/apimachinery';

/** A conversion of objects of one kind from one served version to another; gives a new object. */
export type Conversion = (object: KubeObject) => KubeObject;

/** Conversions by `KIND from to`. */
const conversions = new Map<string, Conversion>();

/**
 * The object in another version of its kind (autoscaling/v1 and v2, core/v1 and events.k8s.io/v1 events). The input
 * stays as it is; it is returned itself when it has that version already. Kinds without an own conversion differ in
 * `apiVersion` only.
 */
export function convert(object: KubeObject, toApiVersion: string): KubeObject {
  if (object.apiVersion === toApiVersion) return object;
  const conversion = conversions.get(`${object.kind} ${object.apiVersion} ${toApiVersion}`);
  return { ...(conversion?.(object) ?? object), apiVersion: toApiVersion };
}
