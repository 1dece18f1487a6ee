/** An endpoint of a service's port, with what its conditions say. */
export interface RouteEndpoint {
  readonly ip: string;
  readonly port: number;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly node?: string;
  /** For whom it is, if hints say so. */
  readonly zones: readonly string[];
  readonly nodes: readonly string[];
}

/** Where a client is. Without a node it is beside all nodes of this process. */
export interface ClientPlace {
  readonly node?: string;
  readonly zone?: string;
}

/**
 * The endpoints that a connection may be given, chosen as kube-proxy does: those that are ready, of these the ones hinted for
 * the client's node or zone if all have hints; if none is ready, those that still serve while they end.
 */
export function chooseEndpoints(
  endpoints: readonly RouteEndpoint[],
  { onlyLocal, client }: { readonly onlyLocal: boolean; readonly client: ClientPlace },
): readonly RouteEndpoint[] {
  const reachable = onlyLocal ? endpoints.filter((one) => isLocal(one, client)) : endpoints;
  const ready = reachable.filter((one) => one.ready);
  if (ready.length === 0) return reachable.filter(({ serving, terminating }) => serving && terminating);
  return onlyLocal ? ready : byHints(ready, client);
}

function isLocal({ node }: RouteEndpoint, client: ClientPlace): boolean {
  return node !== undefined && (client.node === undefined || node === client.node);
}

/** Hints count only if every endpoint has some, and one is for the client. */
function byHints(ready: readonly RouteEndpoint[], { node = '', zone = '' }: ClientPlace): readonly RouteEndpoint[] {
  if (ready.every(({ nodes }) => nodes.length > 0)) {
    const here = ready.filter(({ nodes }) => nodes.includes(node));
    if (here.length > 0) return here;
  }
  if (ready.every(({ zones }) => zones.length > 0)) {
    const here = ready.filter(({ zones }) => zones.includes(zone));
    if (here.length > 0) return here;
  }
  return ready;
}
