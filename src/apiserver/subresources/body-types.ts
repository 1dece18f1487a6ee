import { decodeObject, typeOf } from 'nekube/api';
import { parseApiVersion } from 'nekube/apimachinery';
import type { BodyType } from '../body.ts';
import { registeredKind } from '../registry/builtin.ts';

/** The body type of a built-in kind that is no resource, such as Binding or Scale. */
export function bodyTypeOfKind(apiVersion: string, kind: string): BodyType {
  const type = typeOf(apiVersion, kind);
  const gv = parseApiVersion(apiVersion);
  if (type === undefined || gv === undefined)
    throw new TypeError(`no type for kind "${kind}" in version "${apiVersion}"`);
  const goPackage = gv.group === '' ? 'core' : gv.group.split('.')[0];
  return {
    ...gv,
    kind,
    goType: `${goPackage}.${kind}`,
    isRegistered: registeredKind,
    decode: (value) => decodeObject(type, value),
  };
}
