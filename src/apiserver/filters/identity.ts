import { authenticate, type TokenAuthenticator } from '../authentication.ts';
import { attributesOf, type Authorizer } from '../authorization/authorizer.ts';
import { requireAllowed } from '../authorization/forbidden.ts';
import { Impersonator } from '../impersonation.ts';
import type { Filter } from '../pipeline.ts';

/** Finds out who makes the request. */
export function withAuthentication(tokens: readonly TokenAuthenticator[]): Filter {
  return async (context, next) => next({ ...context, user: await authenticate(context.request, tokens) });
}

/** Makes the request that of the user whom its Impersonate headers name. */
export function withImpersonation(authorizer: Authorizer): Filter {
  const impersonator = new Impersonator(authorizer);
  return async (context, next) => {
    const impersonated = await impersonator.impersonate(context.request, attributesOf(context.user, context.info));
    return next(impersonated === undefined ? context : { ...context, user: impersonated.user });
  };
}

/** Lets pass only what the user may do. */
export function withAuthorization(authorizer: Authorizer): Filter {
  return async (context, next) => {
    await requireAllowed(authorizer, attributesOf(context.user, context.info));
    return next(context);
  };
}
