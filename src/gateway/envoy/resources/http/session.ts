import { anyOf, type Any } from 'nekube/xds';
import type { SessionPersistence } from '../../../model/index.ts';
import { duration } from '../messages.ts';

/** The filter that keeps a session at its endpoint, for a route. */
export function sessionFilter(session: SessionPersistence): Any {
  return anyOf('envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute', {
    stateful_session: {
      session_state: {
        name: `envoy.http.stateful_session.${session.type.toLowerCase()}`,
        typed_config: session.type === 'Cookie' ? byCookie(session) : byHeader(session),
      },
    },
  });
}

/** Without a time the cookie ends with the browser's session. */
function byCookie({ name, path, absoluteTimeoutMs }: SessionPersistence): Any {
  return anyOf('envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState', {
    cookie: { name, path: path ?? '/', ...(absoluteTimeoutMs && { ttl: duration(absoluteTimeoutMs) }) },
  });
}

function byHeader({ name }: SessionPersistence): Any {
  return anyOf('envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState', { name });
}
