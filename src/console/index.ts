/**
 * The console's server: the browser app of `web/`, and what it asks of a cluster, as the user who is signed in. Signing in
 * is a link that works once; the browser gets a session, and never a credential of the cluster (docs/console.md).
 *
 * What it does not do: nothing that it knows outlives its process, it decides nothing that RBAC decides, and it knows no API
 * server of ours: any cluster has a console by its transport.
 */
export { type ConsoleOptions, isLoopback, type RunningConsole, startConsole } from './console.ts';
export type { ConsoleTls } from './listener.ts';
export type { KepCheckout } from './kep-checkout.ts';
