import { effect, signal } from '@preact/signals';
import { isApiError, requestJson } from './http.ts';
import { type Kind, kindsOf } from './kinds.ts';
import { session } from './session.ts';
import { connection, watch } from './watch-socket.ts';

/** All kinds that the server serves, in discovery's order; undefined until they are known. */
export const kinds = signal<readonly Kind[] | undefined>(undefined);

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** How many questions there were, and which was answered last. */
let [asked, answered] = [0, 0];

/** Asks which kinds there are. Keeps the array when nothing changed, or when a later question was answered before. */
export async function discover(): Promise<void> {
  const turn = ++asked;
  const lists = await Promise.all(
    ['/k8s/api', '/k8s/apis'].map((path) => requestJson<Parameters<typeof kindsOf>[0]>(path, { accept: ACCEPT })),
  );
  if (turn < answered) return;
  answered = turn;
  const found = lists.flatMap(kindsOf);
  if (JSON.stringify(found) !== JSON.stringify(kinds.peek())) kinds.value = found;
}

/** The kind of a view's address. `group` is `core` for the group without a name. */
export function kindAt(group: string, version: string, resource: string): Kind | undefined {
  return kinds.value?.find((kind) => kind.path === `${group}/${version}/${resource}`);
}

/** What adds kinds and takes some away, while the server runs. */
const ADDERS = [
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/apiregistration.k8s.io/v1/apiservices',
];

const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

/** A definition is served a little after it is there; by a server that is busy, or away just then, later. */
const SETTLED_MS = [200, 1500, 5000, 15_000, 60_000];
/** So long after it ended a watch begins again. */
const AGAIN_MS = 1000;

/** Keeps `kinds` true while one is signed in. Returns what ends it. */
export function followKinds(): () => void {
  let looks: ReturnType<typeof setTimeout>[] = [];
  const again = new Set<ReturnType<typeof setTimeout>>();
  const ends = new Map<string, () => void>();
  const look = (): void => {
    for (const timer of looks) clearTimeout(timer);
    looks = SETTLED_MS.map((ms) => setTimeout(() => void discover().catch(() => {}), ms));
  };
  const followLater = (path: string): void => {
    const timer = setTimeout(() => {
      again.delete(timer);
      follow(path);
      // a server that was away may be another one
      look();
    }, AGAIN_MS);
    again.add(timer);
  };
  const stopAll = (): void => {
    for (const timer of [...looks, ...again]) clearTimeout(timer);
    again.clear();
    for (const end of ends.values()) end();
    ends.clear();
  };
  const follow = (path: string): void => {
    ends.set(
      path,
      watch(
        `${path}?watch=1&allowWatchBookmarks=true`,
        {
          events: (events) => {
            if (events.some((event) => event.type !== 'BOOKMARK')) look();
          },
          // the connection comes back with all of it; one that ends by itself, or with its server, goes on, unless we may not
          end: ({ code = 200 }) => {
            if (code !== 0 && code !== 403 && code !== 404) followLater(path);
          },
        },
        METADATA,
      ),
    );
  };
  const stop = effect(() => {
    if (session.value.state !== 'open' || connection.value.state !== 'connected') return undefined;
    firstDiscovery();
    for (const path of ADDERS) follow(path);
    return stopAll;
  });
  return () => {
    stop();
    stopAll();
  };
}

/** Tries until it knows: a server that just started may not have all its kinds yet. */
function firstDiscovery(waitMs = 500): void {
  discover().catch((error: unknown) => {
    if (isApiError(error, 401) || isApiError(error, 403)) return;
    setTimeout(() => firstDiscovery(Math.min(waitMs * 2, 8000)), waitMs);
  });
}
