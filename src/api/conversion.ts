import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import { autoscalerFromV1, autoscalerToV1 } from './conversion/autoscaling.ts';
import { eventFromCore, eventToCore } from './conversion/events.ts';
import { codecOf } from './types/compile.ts';
import { typeOf } from './types/type.ts';

/** A conversion of objects of one kind from one served version to another; gives a new object. */
type Conversion = (object: KubeObject) => KubeObject;

/** Conversions by `Kind from to`. */
const conversions: Readonly<Record<string, Conversion>> = {
  'HorizontalPodAutoscaler autoscaling/v1 autoscaling/v2': autoscalerFromV1,
  'HorizontalPodAutoscaler autoscaling/v2 autoscaling/v1': autoscalerToV1,
  'Event v1 events.k8s.io/v1': eventFromCore,
  'Event events.k8s.io/v1 v1': eventToCore,
};

/**
 * The object in another version of its kind (autoscaling/v1 and v2, core/v1 and events.k8s.io/v1 events), in that
 * version's form. The input stays as it is; it is returned itself when it has that version already.
 *
 * @throws TypeError there is no such conversion: between versions that are not of the same resource.
 */
export function convert(object: KubeObject, toApiVersion: string): KubeObject {
  const { kind, apiVersion } = object;
  if (apiVersion === toApiVersion) return object;
  const conversion = conversions[`${kind} ${apiVersion} ${toApiVersion}`];
  const type = kind === undefined ? undefined : typeOf(toApiVersion, kind);
  if (conversion === undefined || type === undefined)
    throw new TypeError(`no conversion of ${kind} from ${apiVersion} to ${toApiVersion}`);
  const converted = { ...conversion(object), apiVersion: toApiVersion };
  const state = { unknown: false, stored: false, fromMap: false };
  return codecOf(type.name).decode(converted as unknown as JsonValue, state) as KubeObject;
}
