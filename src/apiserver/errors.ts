import { newFailure, type StatusError } from 'nekube/apimachinery';

/** 404 for a path below a known group that names nothing served. */
export function notFound(): StatusError {
  return newFailure(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** 405 for a method that the path does not take. */
export function methodNotAllowed(): StatusError {
  return newFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** 406 of the routes of resources. */
export function notAcceptable(mediaTypes: readonly string[]): StatusError {
  return newFailure(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${mediaTypes.join(', ')}`,
    {},
  );
}

/** 500 without a reason: what kube-apiserver answers to an error that is none of the API's. */
export function plainError(text: string, cause?: unknown): StatusError {
  const error = newFailure(500, '', text);
  if (cause !== undefined) error.cause = cause;
  return error;
}
