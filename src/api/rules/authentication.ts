import { invalid, type KubeObject } from 'nekube/apimachinery';
import type { ResourceRules } from './resource-rules.ts';
import { fields, validateWith } from './rule.ts';

const leastSeconds = 600;
const mostSeconds = 2 ** 32;
const defaultSeconds = 3600;

const tokenRequestChecks = fields({
  spec: fields({
    expirationSeconds: (seconds = 0, path, { errors }) => {
      if (seconds < leastSeconds)
        errors.push(invalid(path, seconds, 'may not specify a duration less than 10 minutes'));
      if (seconds > mostSeconds) {
        errors.push(invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
      }
    },
  }),
});

/** Defaults and checks of the TokenRequest that a service account's `token` endpoint takes. */
export const tokenRequestRules: ResourceRules = {
  defaults: { '*': defaultTokenRequest },
  validate: (request) => validateWith(tokenRequestChecks, request),
};

/** The rules of authentication.k8s.io: its reviews are answered and not stored, and all that is checked is the token. */
export const authenticationRules: Readonly<Record<string, ResourceRules>> = {
  selfsubjectreviews: {},
  tokenreviews: {},
};

function defaultTokenRequest(request: KubeObject): void {
  request.spec ??= {};
  request.spec.expirationSeconds ??= defaultSeconds;
}
