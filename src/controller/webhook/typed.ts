import { errorText, isStatusError, type KubeObject } from 'nekube/apimachinery';
import {
  type AdmissionContext,
  type AdmissionHandler,
  type AdmissionRequest,
  type AdmissionResponse,
  allowed,
  denied,
  errored,
  patched,
  refused,
} from './admission.ts';

/** What a function of a defaulter or validator is told besides the object. */
export interface AdmissionDetails<T extends KubeObject = KubeObject> extends AdmissionContext {
  readonly request: AdmissionRequest<T>;
}

/**
 * Sets what is absent in an object, by changing it. Is asked for creates and updates. It refuses by throwing: a
 * StatusError with that Status, an Error with 403 and its message.
 */
export type Defaulter<T extends KubeObject> = (object: T, details: AdmissionDetails<T>) => void | Promise<void>;

/** What a validator says: nothing, warnings, or a whole answer such as {@link denied}. */
export type Validation = void | readonly string[] | AdmissionResponse;

/**
 * Judges objects. What it does not have a function for is allowed. It refuses by answering {@link denied}, or by throwing:
 * a StatusError with that Status (`newInvalid`), an Error with 403 and its message.
 */
export interface Validator<T extends KubeObject> {
  create?(object: T, details: AdmissionDetails<T>): Validation | Promise<Validation>;
  update?(object: T, old: T, details: AdmissionDetails<T>): Validation | Promise<Validation>;
  /** Gets the object that is to go. */
  delete?(old: T, details: AdmissionDetails<T>): Validation | Promise<Validation>;
}

/** A handler that lets a defaulter change what is created and updated. */
export function defaulting<T extends KubeObject>(defaulter: Defaulter<T>): AdmissionHandler<T> {
  return async (request, context) => {
    if (request.operation === 'DELETE') return allowed();
    const { object } = request;
    if (object === undefined) return errored(400, 'there is no content to decode');
    return refusing(async () => {
      await defaulter(object, { ...context, request });
      return patched(object);
    });
  };
}

/** A handler that asks a validator about creates, updates and deletes. */
export function validating<T extends KubeObject>(validator: Validator<T>): AdmissionHandler<T> {
  return (request, context) => {
    const { operation, object, oldObject } = request;
    const details = { ...context, request };
    const missing = errored(400, 'there is no content to decode');
    if (operation === 'CONNECT') return allowed();
    if (operation === 'CREATE') return object ? judged(() => validator.create?.(object, details)) : missing;
    if (operation === 'DELETE') return oldObject ? judged(() => validator.delete?.(oldObject, details)) : missing;
    if (operation !== 'UPDATE') return errored(400, `unknown operation ${JSON.stringify(operation ?? '')}`);
    return object && oldObject ? judged(() => validator.update?.(object, oldObject, details)) : missing;
  };
}

function judged(ask: () => Validation | Promise<Validation>): Promise<AdmissionResponse> {
  return refusing(async () => {
    const said = await ask();
    if (said === undefined) return allowed();
    return isResponse(said) ? said : allowed('', { warnings: said });
  });
}

function isResponse(said: readonly string[] | AdmissionResponse): said is AdmissionResponse {
  return !Array.isArray(said);
}

/** Those that JavaScript throws by itself: a bug, not a refusal. */
const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError];

async function refusing(decide: () => Promise<AdmissionResponse>): Promise<AdmissionResponse> {
  try {
    return await decide();
  } catch (error) {
    if (isStatusError(error)) return refused(error.status);
    if (!(error instanceof Error) || BUGS.some((bug) => error instanceof bug) || error.name === 'AbortError')
      throw error;
    return denied(errorText(error));
  }
}
