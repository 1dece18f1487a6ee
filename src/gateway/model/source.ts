/** The part of an object of the cluster that a part of the model was made from: what statuses and explanations point at. */
export interface Source {
  /** Of the object, as in `HTTPRoute`. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The name of a listener, or of a rule where it has one. */
  readonly sectionName?: string;
  /** Of a rule in its route, from 0. */
  readonly rule?: number;
  /** Of a match in its rule, from 0. */
  readonly match?: number;
}
