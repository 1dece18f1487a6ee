import { goQuote, newForbidden, type StatusError } from 'nekube/apimachinery';
import type { AuthorizationAttributes } from './authorizer.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** 403 with the words of kube-apiserver. */
export function forbiddenRequest(attributes: AuthorizationAttributes, reason: string): StatusError {
  const message = escapeHtml(whatIsForbidden(attributes));
  const { apiGroup: group, resource, name } = attributes;
  return newForbidden({ group, resource }, name, reason === '' ? message : `${message}: ${reason}`);
}

/** The text so that nothing in it looks like HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>]/g, (found) => ESCAPES[found]!);
}

function whatIsForbidden(attributes: AuthorizationAttributes): string {
  const { user, verb, resourceRequest, path, apiGroup, subresource, namespace } = attributes;
  const who = `User ${goQuote(user.name)} cannot ${verb}`;
  if (!resourceRequest) return `${who} path ${goQuote(path)}`;
  const resource = subresource === '' ? attributes.resource : `${attributes.resource}/${subresource}`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`;
  return `${who} resource ${goQuote(resource)} in API group ${goQuote(apiGroup)} ${scope}`;
}
