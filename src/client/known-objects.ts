import type { KubeObject } from 'nekube/apimachinery';
import type { ApplyConfiguration } from './patches.ts';

/**
 * The kinds whose objects the compiler knows, each by `APIVERSION KIND`: where an object that is written says one of these,
 * it is checked as that, without naming its type. Modules of `nekube/client/kinds` and of `nekube codegen crd` add theirs
 * when they are imported; by hand it is
 *
 *     declare module 'nekube/client' {
 *       interface KnownObjects {
 *         'example.com/v1 Website': Website;
 *       }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: others add to it
export interface KnownObjects {}

/** The type of the objects of a kind; any object's if it is not among {@link KnownObjects}. */
export type KnownObject<A extends string, K extends string> = `${A} ${K}` extends keyof KnownObjects
  ? KnownObjects[`${A} ${K}`]
  : KubeObject;

/** What kind an object says it is. */
export interface Says<A extends string, K extends string> {
  readonly apiVersion?: A;
  readonly kind?: K;
}

/** Anything, unless the compiler knows the kind. */
export type UnlessKnown<A extends string, K extends string> = `${A} ${K}` extends keyof KnownObjects ? never : unknown;

/** An object of a kind that the compiler knows. */
export type WrittenKnown<A extends string, K extends string> = Says<A, K> & KnownObject<A, K>;

/** An object of any other kind, or of a type that was named. */
export type WrittenObject<T extends KubeObject, A extends string, K extends string> = T &
  Says<A, K> &
  UnlessKnown<A, K>;

/** What is applied of a kind that the compiler knows. */
export type AppliedKnown<A extends string, K extends string> = Says<A, K> & ApplyConfiguration<KnownObject<A, K>>;

/** What is applied of any other kind, or of a type that was named. */
export type AppliedObject<T extends KubeObject, A extends string, K extends string> = ApplyConfiguration<T> &
  Says<A, K> &
  UnlessKnown<A, K>;
