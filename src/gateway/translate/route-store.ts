import { type Cluster, type Dependency, View } from './cluster.ts';
import type { ResolvedBackend } from './backends.ts';
import { readOr } from './malformed.ts';
import type { Plans } from './plans.ts';
import type { Route } from './resources.ts';
import { reuse } from './reuse.ts';
import { Readers } from './readers.ts';
import type { RouteIdentity, RouteTables } from './route-tables.ts';
import { type RouteKind, type TranslatedRoute, translateRoute, unreadableRoute } from './routes.ts';
import type { SnapshotKind } from './snapshot.ts';

/** The kinds of routes, by where a snapshot has them. */
export const ROUTE_PARTS = {
  httpRoutes: 'HTTPRoute',
  grpcRoutes: 'GRPCRoute',
  tlsRoutes: 'TLSRoute',
  tcpRoutes: 'TCPRoute',
  udpRoutes: 'UDPRoute',
} as const satisfies Partial<Record<SnapshotKind, RouteKind>>;

/** A part of a snapshot with routes. */
export type RoutePart = keyof typeof ROUTE_PARTS;

/** Where routes are in a snapshot. */
export const ROUTE_PART_NAMES = Object.keys(ROUTE_PARTS) as RoutePart[];

interface Kept {
  readonly identity: RouteIdentity;
  readonly translated: TranslatedRoute;
  readonly dependencies: ReadonlySet<Dependency>;
}

/** A route whose translation is another, by part and key; `now` undefined: it is gone. */
export interface RouteChange {
  readonly part: RoutePart;
  readonly key: string;
  readonly before?: TranslatedRoute;
  readonly now?: TranslatedRoute;
}

/** All routes as they were translated, and what they looked at. */
export class RouteStore {
  readonly #kept = new Map<Dependency, Kept>();
  /** Who looked at what. */
  readonly #readers = new Readers();
  readonly #backends = new Map<string, { resolved: ResolvedBackend; users: number }>();
  readonly #changedBackends = new Set<string>();

  /** Translates again what looked at something of `changed`; puts placements into the tables. */
  update(cluster: Cluster, plans: Plans, tables: RouteTables, changed: ReadonlySet<Dependency>): RouteChange[] {
    const changes: RouteChange[] = [];
    for (const id of this.#affectedBy(changed)) {
      const slash = id.indexOf('/');
      const part = id.slice(0, slash) as RoutePart;
      const key = id.slice(slash + 1);
      const change = this.#updateRoute(cluster, plans, tables, { id, part, key });
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  /** A backend that some route uses. */
  backend(name: string): ResolvedBackend | undefined {
    return this.#backends.get(name)?.resolved;
  }

  /** The names of backends that are not as they were when this was last asked. */
  takeChangedBackends(): ReadonlySet<string> {
    const taken = new Set(this.#changedBackends);
    this.#changedBackends.clear();
    return taken;
  }

  #affectedBy(changed: ReadonlySet<Dependency>): Set<Dependency> {
    const affected = new Set<Dependency>();
    for (const dependency of changed) {
      const part = dependency.slice(0, dependency.indexOf('/'));
      if (part in ROUTE_PARTS) affected.add(dependency);
      for (const reader of this.#readers.of(dependency)) affected.add(reader);
    }
    return affected;
  }

  #updateRoute(
    cluster: Cluster,
    plans: Plans,
    tables: RouteTables,
    { id, part, key }: { readonly id: Dependency; readonly part: RoutePart; readonly key: string },
  ): RouteChange | undefined {
    const kept = this.#kept.get(id);
    const route = cluster.snapshot[part].get(key) as Route | undefined;
    if (route === undefined) return this.#forget(tables, { id, part, key, kept });
    const view = new View(cluster);
    const findParent = (parent: string) => {
      view.dependencies.add(`parents/${parent}`);
      return plans.parent(parent);
    };
    const kind = ROUTE_PARTS[part];
    const made = readOr(
      () => translateRoute(view, kind, route, findParent),
      (message) => unreadableRoute(view, route, findParent, message),
    );
    const translated = reuse(kept?.translated, made);
    const identity = { id: `${kind}/${key}`, created: route.metadata.creationTimestamp ?? '', key };
    this.#readers.replace(id, kept?.dependencies, view.dependencies);
    this.#kept.set(id, { identity, translated, dependencies: view.dependencies });
    if (translated === kept?.translated && identity.created === kept.identity.created) return undefined;
    tables.replace(identity, kept?.translated.placements ?? [], translated.placements);
    this.#count(kept?.translated.backends ?? [], translated.backends);
    return { part, key, ...(kept === undefined ? {} : { before: kept.translated }), now: translated };
  }

  #forget(
    tables: RouteTables,
    {
      id,
      part,
      key,
      kept,
    }: { readonly id: string; readonly part: RoutePart; readonly key: string; readonly kept: Kept | undefined },
  ): RouteChange | undefined {
    if (kept === undefined) return undefined;
    tables.replace(kept.identity, kept.translated.placements, []);
    this.#count(kept.translated.backends, []);
    this.#readers.replace(id, kept.dependencies, new Set());
    this.#kept.delete(id);
    return { part, key, before: kept.translated };
  }

  #count(before: readonly ResolvedBackend[], now: readonly ResolvedBackend[]): void {
    for (const resolved of now) {
      const { name } = resolved.backend;
      const known = this.#backends.get(name);
      const kept = reuse(known?.resolved, resolved);
      if (kept !== known?.resolved) this.#changedBackends.add(name);
      this.#backends.set(name, { resolved: kept, users: (known?.users ?? 0) + 1 });
    }
    for (const { backend } of before) {
      const known = this.#backends.get(backend.name);
      if (known === undefined) continue;
      known.users -= 1;
      if (known.users > 0) continue;
      this.#backends.delete(backend.name);
      this.#changedBackends.add(backend.name);
    }
  }
}
