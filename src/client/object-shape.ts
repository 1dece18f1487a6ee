import type { KubeObject } from 'nekube/apimachinery';
import type { Kind, ObjectList } from './kinds.ts';

/** How objects are asked for, and what is made of the answers: every object with its kind, and perhaps only its metadata. */
export interface Shape {
  readonly acceptObject: string;
  readonly acceptList: string;
  object(answer: KubeObject): KubeObject;
  list<T extends KubeObject>(answer: ObjectList<T>): ObjectList<T>;
}

const FULL = 'application/json';
const partial = (as: string): string => `application/json;as=${as};g=meta.k8s.io;v=v1,application/json`;
const PARTIAL_OBJECT = partial('PartialObjectMetadata');
const PARTIAL_LIST = partial('PartialObjectMetadataList');

/** Objects of a kind, whole or only their metadata. */
export function shapeOf({ apiVersion, kind }: Kind, metadataOnly = false): Shape {
  const whole = (object: KubeObject): KubeObject =>
    object.apiVersion !== undefined && object.kind !== undefined ? object : { apiVersion, kind, ...object };
  // a server that has no such form (aggregated, perhaps) sends all of the object
  const metadata = (object: KubeObject): KubeObject => ({ apiVersion, kind, metadata: object.metadata });
  const object = metadataOnly ? metadata : whole;
  return {
    acceptObject: metadataOnly ? PARTIAL_OBJECT : FULL,
    acceptList: metadataOnly ? PARTIAL_LIST : FULL,
    object,
    list: <T extends KubeObject>(answer: ObjectList<T>) => ({
      ...answer,
      // the items of built-in kinds come without their kind; an empty list of Go's is null
      items: (answer.items ?? []).map((item) => object(item) as T),
    }),
  };
}
