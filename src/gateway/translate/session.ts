import { createHash } from 'node:crypto';
import type { SessionPersistence } from '../model/index.ts';
import { durationMs } from '../model/durations.ts';
import type { SessionPersistenceSpec } from './resources.ts';

/** How requests of a session stay together; the name of a cookie that has none is made of `owner`, so it stays. */
export function sessionOf(
  spec: SessionPersistenceSpec,
  owner: string,
): SessionPersistence | { readonly problem: string } {
  const { type = 'Cookie', absoluteTimeout, cookie, header, sessionName } = spec;
  const timeout = absoluteTimeout === undefined ? undefined : durationMs(absoluteTimeout);
  if (absoluteTimeout !== undefined && timeout === undefined) {
    return { problem: `sessionPersistence.absoluteTimeout must be a duration as 1h30m, not ${absoluteTimeout}` };
  }
  if (type === 'Header') {
    const name = header?.name ?? sessionName;
    return name === undefined ? { problem: 'sessionPersistence.header.name must say which header' } : { type, name };
  }
  if (type !== 'Cookie') return { problem: `sessionPersistence.type ${type} is not known: use Cookie or Header` };
  if (cookie?.lifetimeType === 'Permanent' && timeout === undefined) {
    return { problem: 'sessionPersistence.absoluteTimeout must say how long a permanent cookie lives' };
  }
  const made = `nekube-session-${createHash('sha256').update(owner).digest('hex').slice(0, 8)}`;
  return {
    type,
    name: cookie?.name ?? sessionName ?? made,
    ...(timeout === undefined ? {} : { absoluteTimeoutMs: timeout }),
    ...(cookie?.path === undefined ? {} : { path: cookie.path }),
  };
}
