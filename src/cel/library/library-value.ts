import { type CelError, type CelValue, noSuchOverload, ObjectValue } from '../value.ts';

/** A value of the Kubernetes libraries; comparing it with a value of another type is an error. */
export abstract class LibraryValue extends ObjectValue {
  /** Equality within the type; errors where not even that is defined. */
  abstract isSame(other: this): boolean | CelError;

  equals(other: CelValue): boolean | CelError {
    return other instanceof LibraryValue && other.constructor === this.constructor
      ? this.isSame(other as this)
      : noSuchOverload();
  }
}
