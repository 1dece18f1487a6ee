/**
 * Why a patch was refused, and so how a server answers:
 *
 * - `malformed`: 400 with the message.
 * - `too-large`: 413 with the message.
 * - `rejected`, and `test-failed` for a failed test of a JSON patch: 422 without the message; kube-apiserver says only
 *   "the server rejected our request due to an error in our request".
 * - `failed`: 500 with the message.
 * - `panic`: 500; kube-apiserver itself breaks down at such a patch.
 */
export type PatchErrorKind = 'malformed' | 'too-large' | 'rejected' | 'test-failed' | 'failed' | 'panic';

/** A patch that cannot be applied. */
export class PatchError extends Error {
  readonly kind: PatchErrorKind;

  constructor(kind: PatchErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PatchError';
    this.kind = kind;
  }
}

/** Tells a PatchError, also one from another copy of this package. */
export function isPatchError(e: unknown): e is PatchError {
  return e instanceof Error && e.name === 'PatchError' && 'kind' in e;
}
