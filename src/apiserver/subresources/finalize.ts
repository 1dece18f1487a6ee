import type { RequestContext } from '../context.ts';
import { handleUpdate } from '../handlers/write.ts';
import type { ServedResource } from '../registry/served.ts';
import type { ServerDeps } from '../server-deps.ts';

/** PUT of a namespace with the finalizers that are left; when none are, a namespace that is being deleted is gone. */
export async function handleFinalize(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
): Promise<void> {
  await handleUpdate(context, deps, resource);
}
