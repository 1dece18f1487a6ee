import type { KubeObject } from 'nekube/apimachinery';
import type { ApplyConflict } from 'nekube/fieldpolicy';
import type { SystemWriter } from '../system-objects.ts';
import type { FollowedResource } from './followed-resource.ts';

/** How often the clock is looked at while anything waits: it is the server's, which may be set. */
const LONGEST_WAIT_MS = 1000;

/** Removes ApplyConflicts when they have expired, until the signal is aborted; begins with those that have already. */
export function removeExpired(
  followed: FollowedResource,
  writer: Pick<SystemWriter, 'store'>,
  now: () => Date,
  signal: AbortSignal,
): void {
  let timer: NodeJS.Timeout | undefined;
  let busy = false;
  const sweep = async (): Promise<void> => {
    timer = undefined;
    busy = true;
    for (const object of followed.list()) if (isExpired(object, now())) await remove(object);
    busy = false;
    plan();
  };
  const remove = async ({ metadata: { namespace = '', name = '' } }: KubeObject): Promise<void> => {
    const { resource } = followed;
    if (resource === undefined || signal.aborted) return;
    // another server may have removed or refreshed it; what fails is tried again
    await writer.store
      .delete(resource, namespace, name, (object) => (isRemovable(object, now()) ? 'remove' : 'keep'), false)
      .catch(() => {});
  };
  const plan = (): void => {
    if (timer !== undefined || busy || signal.aborted || followed.list().length === 0) return;
    // anybody may have made more of them than a call takes arguments
    const first = followed.list().reduce((earliest, object) => Math.min(earliest, expiryOf(object)), Infinity);
    const next = first - now().getTime();
    timer = setTimeout(() => void sweep(), Math.min(Math.max(next, 0) + 1, LONGEST_WAIT_MS)).unref();
  };
  followed.onChange(plan);
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  plan();
}

function isExpired(object: KubeObject, now: Date): boolean {
  return expiryOf(object) <= now.getTime();
}

function isRemovable(object: KubeObject, now: Date): boolean {
  return isExpired(object, now) && (object.metadata.finalizers?.length ?? 0) === 0;
}

/** In milliseconds since 1970; one without a time has none. */
function expiryOf(object: KubeObject): number {
  const time = Date.parse((object as ApplyConflict).spec?.expirationTime ?? '');
  return Number.isNaN(time) ? Infinity : time;
}
