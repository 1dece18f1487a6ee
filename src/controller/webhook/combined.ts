import type { KubeObject } from 'nekube/apimachinery';
import { type AdmissionHandler, type AdmissionResponse, errored } from './admission.ts';

/**
 * Asks several handlers in turn until one refuses; each sees what those before it changed. Their warnings and annotations
 * come together.
 */
export function combined<T extends KubeObject>(...handlers: readonly AdmissionHandler<T>[]): AdmissionHandler<T> {
  return async (request, context) => {
    const responses: AdmissionResponse[] = [];
    let { object } = request;
    for (const handler of handlers) {
      const response = await handler({ ...request, ...(object && { object }) }, context);
      if (!response.allowed) return response;
      if (response.patch !== undefined)
        return errored(500, 'a combined handler must answer with the object, not with a patch');
      if (response.changed !== undefined) object = response.changed as T;
      responses.push(response);
    }
    const changed = responses.findLast((response) => response.changed !== undefined)?.changed;
    const auditAnnotations = Object.assign({}, ...responses.map((response) => response.auditAnnotations));
    return {
      allowed: true,
      ...(changed && { changed }),
      warnings: responses.flatMap(({ warnings = [] }) => warnings),
      ...(Object.keys(auditAnnotations).length > 0 && { auditAnnotations }),
    };
  };
}
