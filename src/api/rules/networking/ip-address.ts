import { isDns1123Subdomain, isValidIp, isValidPathSegmentName, jsonEqual } from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, type Checks, fields, given, matches, present, requiredAnd, validateWith } from '../rule.ts';

const checkParent = fields({
  group: present(matches(isDns1123Subdomain)),
  resource: requiredAnd('', matches(isValidPathSegmentName)),
  name: requiredAnd('', matches(isValidPathSegmentName)),
  namespace: present(matches(isValidPathSegmentName)),
});

const checks: Checks = fields({ spec: fields({ parentRef: given('', checkParent) }) });

const checkSameParent: Check = (parent, path, { errors, old }) => {
  if (jsonEqual(parent ?? null, old.spec.parentRef ?? null)) return;
  errors.push(invalidGo(path, '*ParentReference', parent, 'field is immutable'));
};

/** Addresses of the cluster's services, named by the address. */
export const ipAddressRules: ResourceRules = {
  nameCheck: (name) => isValidIp(name),
  validate: (address) => validateWith(checks, address),
  validateUpdate: (address, old) =>
    validateWith([checks, fields({ spec: fields({ parentRef: checkSameParent }) })].flat(), address, old),
};
