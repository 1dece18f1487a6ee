import type { GroupVersionKind } from 'nekube/apimachinery';

/** Where all conversions are asked for. */
export const CONVERT_PATH = '/convert';

/** `/mutate-apps-example-com-v1-website`, kubebuilder's path of the webhook that sets a kind's defaults. */
export function mutatePath(gvk: GroupVersionKind): string {
  return pathOf('mutate', gvk);
}

/** `/validate-apps-example-com-v1-website`, kubebuilder's path of the webhook that validates a kind. */
export function validatePath(gvk: GroupVersionKind): string {
  return pathOf('validate', gvk);
}

function pathOf(what: string, { group, version, kind }: GroupVersionKind): string {
  return `/${what}-${group.replaceAll('.', '-')}-${version}-${kind.toLowerCase()}`;
}

/** Paths that webhooks may have, as controller-runtime checks them. */
const PATH = /^(?:(?:\/[a-zA-Z0-9-_]+)+|\/)$/;

/** @throws RangeError if no webhook can stand at the path */
export function checkPath(path: string): void {
  if (PATH.test(path)) return;
  throw new RangeError(`Cannot serve a webhook at ${JSON.stringify(path)}: the path must match ${PATH.source}`);
}
