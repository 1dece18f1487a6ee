/**
 * Who owns which field of an object, who is in conflict with whom, and what an apply would do about it, on any cluster.
 *
 * What it does not do: it prints nothing (`nekube own`), and starts no server.
 */
export { type Owner, type Ownership, readOwnership } from './owners.ts';
