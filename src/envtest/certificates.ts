import { type KeyPair, loadOrCreatePki, type Pki } from 'nekube/pki';

/** Names under which tests and pods know the server. */
const HOSTS = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
const IPS = ['127.0.0.1', '::1', '10.0.0.1'];

/** Who a test acts as. */
export interface TestUser {
  readonly name: string;
  readonly groups?: readonly string[];
}

/** Who may do everything. */
export const ADMIN: TestUser = { name: 'admin', groups: ['system:masters'] };

let made: Pki | undefined;
const issued = new Map<string, KeyPair>();

/** The certificates of all servers of this process: made at first use, kept nowhere. Their time is the real one. */
export function processPki(): Pki {
  return (made ??= loadOrCreatePki(undefined, { hosts: HOSTS, ips: IPS, now: () => new Date() }));
}

/** The certificate of a user, made once. */
export function certificateOf({ name, groups = [] }: TestUser): KeyPair {
  const key = JSON.stringify([name, ...groups]);
  let pair = issued.get(key);
  if (pair === undefined) issued.set(key, (pair = processPki().issueClient({ user: name, groups })));
  return pair;
}
