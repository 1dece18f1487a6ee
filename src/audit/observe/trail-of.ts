import { isJsonObject } from 'nekube/apimachinery';
import type { LoggedRequest } from 'nekube/envtest';
import type { TrailRequest } from '../trail/request.ts';
import type { WebhookUses } from './webhook-uses.ts';

/**
 * Requests of a control plane's own log as an audit log would tell of them.
 *
 * @param uses of webhooks, which refuse with 403 as well: what these refused the authorizer had allowed
 */
export function trailOf(
  requests: readonly LoggedRequest[],
  uses: Pick<WebhookUses, 'hasRefused'> | undefined,
): readonly TrailRequest[] {
  return requests.map((request, i) => {
    const isForbidden = request.code === 403 && uses?.hasRefused(request) !== true;
    const {
      verb,
      group,
      resource,
      subresource,
      namespace,
      name,
      user,
      groups,
      userAgent,
      path,
      code = 0,
      body,
    } = request;
    const query = request.query.toString();
    return {
      id: String(i),
      time: i,
      user: { name: user, groups },
      userAgent,
      verb,
      target: resource === '' ? { path } : { group, version: '', resource, subresource, namespace, name },
      code,
      decision: isForbidden || code === 401 ? 'denied' : 'allowed',
      uri: query === '' ? path : `${path}?${query}`,
      ...(isJsonObject(body) && { body }),
    };
  });
}
