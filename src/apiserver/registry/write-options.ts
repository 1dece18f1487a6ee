import type { WriteContext, WriteRules } from 'nekube/api';
import type { KubeObject } from 'nekube/apimachinery';
import type { Awaitable, Entry } from 'nekube/storage';

/** What a write needs beside its object. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly context: WriteContext;
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void;
  /** The rules of the endpoint: those of the resource, or of one of its subresources. */
  readonly rules: WriteRules;
  /** Judges what will be stored (validating admission); on create `old` is undefined. */
  readonly validate: (object: KubeObject, old: KubeObject | undefined) => Promise<void> | void;
}

/** What only an update says. */
export interface UpdateOptions extends WriteOptions {
  /** An absent object is created, whatever the rules say (server-side apply). */
  readonly forceAllowCreate?: boolean;
  /** The uid that the stored object must have. */
  readonly uid?: string;
}

/** What a write came to. The entry's record is what the answer shows; a dry run's was never stored. */
export interface Written {
  readonly entry: Entry;
  readonly created: boolean;
  /** The write removed the object, since its last finalizer left. */
  readonly deleted: boolean;
}

/** Work around writes that must keep other state in step, e.g. allocated cluster IPs. */
export interface WriteHooks {
  /**
   * Called with the object before it is prepared and validated; may change it. The returned function
   * says whether the write was made, so that what was taken can be given back.
   */
  begin?(object: KubeObject, old: KubeObject | undefined, dryRun: boolean): Awaitable<Finish>;
  /** Called after an object is gone. */
  afterDelete?(object: KubeObject): Awaitable<void>;
}

/** Tells a hook whether the write was made. */
export type Finish = (committed: boolean) => Awaitable<void>;

/** What a delete does with the stored object. */
export type DeleteDecision = 'remove' | 'keep' | 'update' | 'updateAndRemove';
