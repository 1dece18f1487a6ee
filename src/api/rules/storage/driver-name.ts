import { byteLength, invalid, isDns1123Subdomain, required as requiredError, tooLong } from 'nekube/apimachinery';
import type { Check } from '../rule.ts';

const maxBytes = 63;

/** The name of a storage or device driver: a DNS subdomain in any case of letters, at most 63 bytes. */
export const checkDriverName: Check = (name = '', path, { errors }) => {
  if (name === '') {
    errors.push(requiredError(path));
    return;
  }
  if (byteLength(name) > maxBytes) errors.push(tooLong(path, maxBytes));
  for (const message of isDns1123Subdomain(name.toLowerCase())) errors.push(invalid(path, name, message));
};
