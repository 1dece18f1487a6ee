import { isDns1123Subdomain, isValidPathSegmentName } from 'nekube/apimachinery';
import { defined, fields, matches, requiredAnd } from '../rule.ts';

/** A reference to an object of any kind: its group is a domain, kind and name are segments of a URL's path. */
export const checkTypedReference = fields({
  apiGroup: defined(matches(isDns1123Subdomain)),
  kind: requiredAnd('', matches(isValidPathSegmentName)),
  name: requiredAnd('', matches(isValidPathSegmentName)),
});
