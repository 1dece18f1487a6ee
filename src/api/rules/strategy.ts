import { jsonEqual, type KubeObject } from 'nekube/apimachinery';
import type { WriteContext, WriteRules } from './resource-rules.ts';

/** The preparing half of {@link WriteRules}, with the fields it ignores. */
export type Preparation = Pick<WriteRules, 'prepareForCreate' | 'prepareForUpdate' | 'resetFields'>;

/** Several preparations, run in order. */
export function prepare(...parts: readonly Preparation[]): Preparation {
  const resetFields = parts.flatMap((part) => part.resetFields ?? []);
  return {
    prepareForCreate: (object: KubeObject, context: WriteContext) => {
      for (const part of parts) part.prepareForCreate?.(object, context);
    },
    prepareForUpdate: (object: KubeObject, old: KubeObject, context: WriteContext) => {
      for (const part of parts) part.prepareForUpdate?.(object, old, context);
    },
    ...(resetFields.length > 0 && { resetFields }),
  };
}

/** The main endpoint of a resource with a status: a client's status is dropped on create and kept back on update. */
export const ignoresStatus: Preparation = {
  prepareForCreate: (object) => {
    delete object.status;
  },
  prepareForUpdate: (object, old) => takeOver(object, old, 'status'),
  resetFields: [['status']],
};

/** Counts `metadata.generation`: 1 on create, and one more with every update that changes one of these fields. */
export function countsGeneration(...fields: readonly string[]): Preparation {
  return {
    prepareForCreate: (object) => {
      object.metadata.generation = 1;
    },
    prepareForUpdate: (object, old) => raiseGeneration(object, old, fields),
  };
}

/** One generation more than the stored object's, if one of these top-level fields differs. */
export function raiseGeneration(object: KubeObject, old: KubeObject, fields: readonly string[]): void {
  if (fields.every((field) => jsonEqual(object[field], old[field]))) return;
  object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

/** A status endpoint: the spec stays as stored. */
export const writesStatus: Preparation = {
  prepareForUpdate: (object, old) => takeOver(object, old, 'spec'),
  resetFields: [['spec']],
};

/** A status endpoint that leaves spec and metadata (but for managedFields) as stored. */
export const writesStatusOnly: Preparation = {
  prepareForUpdate: (object, old) => {
    takeOver(object, old, 'spec');
    keepMetadata(object, old);
  },
  resetFields: [['metadata'], ['spec']],
};

/** Sets a top-level field to the stored one's value, absent if it is absent there. */
export function takeOver(object: KubeObject, old: KubeObject, field: string): void {
  if (old[field] === undefined) delete object[field];
  else object[field] = old[field];
}

const userMetadata = [
  'deletionTimestamp',
  'generation',
  'selfLink',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
] as const;

/** Restores the metadata that a status endpoint may not write. */
export function keepMetadata({ metadata }: KubeObject, old: KubeObject): void {
  for (const field of userMetadata) {
    if (old.metadata[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: old.metadata[field] });
  }
}
