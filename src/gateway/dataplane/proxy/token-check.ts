import type { JwtAuthentication } from '../../model/index.ts';
import { authenticate, MISSING, NOT_FOR_US } from '../jwt/authenticate.ts';
import type { Incoming } from './incoming.ts';
import type { Exchange } from './exchange.ts';

/** So much of the address is in a challenge. */
const MOST_REALM = 256;

/** Lets a request go on with the claims of its token; else it is answered as by Envoy. The query may have a token: it is not said. */
export function checkToken(
  exchange: Exchange,
  jwt: JwtAuthentication,
  incoming: Incoming,
  allowed: (incoming: Incoming) => void,
): void {
  authenticate(jwt, incoming, exchange.plane, (verdict) =>
    exchange.guarded(() => {
      if ('claims' in verdict) {
        allowed({ ...incoming, claims: verdict.claims });
        return;
      }
      const { problem } = verdict;
      const path = incoming.path.slice(0, MOST_REALM).replaceAll('"', '%22');
      const realm = `Bearer realm="${incoming.scheme}://${incoming.authority}${path}"`;
      const challenge = problem === MISSING ? realm : `${realm}, error="invalid_token"`;
      const status = problem === NOT_FOR_US ? 403 : 401;
      exchange.reply({ status, body: problem, headers: ['www-authenticate', challenge] });
    }),
  );
}
