import { setMaxListeners } from 'node:events';
import type { RunningServer } from 'nekube/apiserver';
import { newClient } from 'nekube/client';
import type { Pki } from 'nekube/pki';
import { type Io, messageOf } from '../io.ts';
import type { UpGateway } from '../up-command.ts';
import type { Reach } from './reached-plane.ts';
import { serveGateways } from './serve.ts';

/** Who the gateway is for the server. */
const USER = 'system:nekube-gateway';
/** What it runs beside. */
export interface GatewayPlace {
  readonly server: RunningServer;
  readonly pki: Pki;
  readonly io: Io;
  /** Where pods of this process are. */
  readonly reach: Reach | undefined;
}

/** Connections have so long to end. */
const DRAIN_MS = 5000;

/**
 * Serves gateways beside a server of this process, which is reached without a socket: with the kinds of Gateway API and the class
 * `nekube`. Resolves when gateways that were there are served.
 *
 * @returns stops it, when connections have ended or their time is over
 */
export async function runGatewayBeside(
  dataPlane: UpGateway,
  { server, pki, io, reach }: GatewayPlace,
): Promise<() => Promise<void>> {
  const { cert } = pki.issueClient({ user: USER, groups: ['system:masters'] });
  const client = newClient({ url: server.url, ...server.connect({ certificate: cert }) });
  const stop = new AbortController();
  // each request and watch listens
  setMaxListeners(0, stop.signal);
  const flags = { envoy: 'auto', envoyFolder: '.nekube/envoy', addresses: 'auto', drainTime: DRAIN_MS };
  const settings = { ...flags, dataPlane, install: true, logLevel: 'warn' as const, ...(reach && { reach }) };
  let isReady = false;
  let ended: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    const onReady = (): void => {
      isReady = true;
      resolve();
    };
    ended = serveGateways(client, settings, { ...io, signal: stop.signal }, onReady).catch((error: unknown) => {
      if (isReady) io.stderr(`nekube: the gateway has ended: ${messageOf(error)}\n`);
      else reject(error as Error);
    });
    void ended.then(resolve);
  }).catch(async (error: unknown) => {
    await client.close();
    throw error;
  });
  return async () => {
    stop.abort();
    await ended;
    await client.close();
  };
}
