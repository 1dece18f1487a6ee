import type { KubeObject } from 'nekube/apimachinery';
import type { ResourceRules } from './resource-rules.ts';
import { fields, validateWith } from './rule.ts';
import { checkTokenSeconds } from './token-seconds.ts';

const defaultSeconds = 3600;

const tokenRequestChecks = fields({
  spec: fields({
    expirationSeconds: (seconds = 0, path, { errors }) => checkTokenSeconds(seconds, path, errors),
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
