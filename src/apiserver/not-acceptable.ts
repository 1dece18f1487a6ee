import { newNotAcceptable } from 'nekube/apimachinery';
import { header, type RequestContext } from './context.ts';
import { notAcceptable } from './errors.ts';
import { OBJECT_MEDIA_TYPES, parseAccept } from './media-type.ts';

/** What routes of collections produce, too. */
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

/**
 * Refuses what the client cannot be given in any form that it takes. To be called when it is found what it asks for, as
 * what is not there is not found in any form.
 *
 * @param custom custom resources and their groups have no routes, which are what refuses media types that no object has
 * @throws StatusError 406
 */
export function checkAcceptable({ acceptable, request, info }: RequestContext, custom: boolean): void {
  if (acceptable) return;
  const types = Object.keys(OBJECT_MEDIA_TYPES);
  const isKnown = parseAccept(header(request, 'accept')).some(
    ({ type }) => types.includes(type) || type === '*/*' || type === 'application/*',
  );
  if (custom || isKnown) throw newNotAcceptable(`only the following media types are accepted: ${types.join(', ')}`);
  throw notAcceptable(['list', 'watch'].includes(info.verb) ? [...types, ...STREAM_TYPES] : types);
}
