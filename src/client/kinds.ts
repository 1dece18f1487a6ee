import type { KubeObject } from 'nekube/apimachinery';

/** Carries a type that exists for the compiler only. */
declare const object: unique symbol;

/**
 * A kind, and for the compiler the type of its objects. Every built-in kind has one (`import { Deployment } from
 * 'nekube/client/kinds'`); for any other kind write one down, or have it generated from its definition.
 */
export interface Kind<T extends KubeObject = KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [object]?: T;
}

/** A kind of which it is known how it is served, so that nobody has to be asked. */
export interface ServedKind<T extends KubeObject = KubeObject> extends Kind<T> {
  /** The plural in paths. */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** An object inside another, which need not say what kind it is: a claim in a StatefulSet. */
export type EmbeddedObject<T extends KubeObject> = Omit<T, 'apiVersion' | 'kind'> &
  Partial<Pick<T, 'apiVersion' | 'kind'>>;

/** Which object of a kind. */
export interface ObjectKey {
  /** Absent for a kind that has no namespaces; otherwise absent means the client's default. */
  readonly namespace?: string;
  readonly name: string;
}

/** A list, as the server answers it; `metadata.resourceVersion` is the revision that it shows. */
export interface ObjectList<T extends KubeObject = KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: T[];
}

/** Only kind, apiVersion and metadata of an object: what `metadataOnly` reads. */
export type PartialObject = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;
