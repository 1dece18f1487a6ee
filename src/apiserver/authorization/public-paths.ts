import type { UserInfo } from '../user.ts';
import { type AuthorizationAttributes, type Authorizer, NO_OPINION } from './authorizer.ts';

/** What everyone may read, authenticated or not (cluster role system:public-info-viewer). */
const PUBLIC_PATHS = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/']);

/** What everyone authenticated may read (cluster role system:discovery). */
const DISCOVERY_PATHS = ['/api', '/apis', '/healthz', '/livez', '/openapi', '/readyz', '/version'];

/** Allows what the bootstrap roles give to everyone, by path, and reviews of oneself. */
export const publicPaths: Authorizer = {
  authorize: (attributes) => {
    const { user, resourceRequest, verb, path } = attributes;
    if (!resourceRequest && verb === 'get' && mayRead(user, path)) return { decision: 'allow', reason: '' };
    if (isSelfReview(attributes) && user.groups.includes('system:authenticated'))
      return { decision: 'allow', reason: '' };
    return NO_OPINION;
  },
};

/** What users may ask about themselves (cluster role system:basic-user). */
function isSelfReview({ apiGroup, resource, verb }: AuthorizationAttributes): boolean {
  return (
    verb === 'create' &&
    (apiGroup === 'authorization.k8s.io' || apiGroup === 'authentication.k8s.io') &&
    resource.startsWith('selfsubject')
  );
}

function mayRead(user: UserInfo, path: string): boolean {
  if (PUBLIC_PATHS.has(path)) return true;
  if (!user.groups.includes('system:authenticated')) return false;
  return DISCOVERY_PATHS.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}
