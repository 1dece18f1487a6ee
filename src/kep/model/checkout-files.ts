/** The files of a checkout that matter here; paths are from its root, with `/`. */
export interface CheckoutFiles {
  /** The folders of KEPs. */
  readonly keps: readonly string[];
  /** Templates. */
  readonly templates: readonly string[];
  /** A kep.yaml outside of keps/: data of tests. */
  readonly testData: readonly string[];
  /** Under keps/prod-readiness. */
  readonly readiness: readonly string[];
  /** Links are not followed: what they lead to is found at its own place. */
  readonly links: readonly string[];
  /** All files below keps/, to which KEPs refer. */
  readonly all: ReadonlySet<string>;
}
