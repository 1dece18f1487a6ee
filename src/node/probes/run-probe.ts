import { connect } from 'node:net';
import type { Probe } from '../pod/container.ts';
import { runCommand } from './exec-action.ts';
import { askHealth } from './grpc-health.ts';
import { askByHttp, messageOf } from './http-action.ts';
import { failure, type Outcome, SUCCESS } from './outcome.ts';
import type { Place } from './place.ts';

/** Makes a probe once. Never rejects: what cannot be asked is a failure, too. */
export async function runProbe(probe: Probe, place: Place): Promise<Outcome> {
  const { exec, httpGet, tcpSocket, grpc, timeoutSeconds = 1 } = probe;
  const timeoutMs = timeoutSeconds * 1000;
  try {
    if (exec) return await runCommand(place.beside(exec.command ?? []), timeoutMs);
    if (httpGet) return await askByHttp(httpGet, place, { userAgent: 'kube-probe/1.36', timeoutMs });
    if (tcpSocket) {
      const port = place.portOf(tcpSocket.port);
      const target = tcpSocket.host ? { host: tcpSocket.host, port } : await place.dial(port);
      return await knock(target, timeoutMs);
    }
    if (grpc) {
      const { port, service = '' } = grpc;
      return await askHealth(await place.dial(port), { service, address: `${place.ip}:${port}`, timeoutMs });
    }
    return SUCCESS;
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error));
  }
}

/** Whether somebody takes a connection. */
function knock(target: { readonly host: string; readonly port: number }, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ ...target });
    const end = (outcome: Outcome): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(timeoutMs, () => end(failure(`dial tcp ${target.host}:${target.port}: i/o timeout`)));
    socket.once('connect', () => end(SUCCESS));
    socket.once('error', (error) => end(failure(messageOf(error))));
  });
}
