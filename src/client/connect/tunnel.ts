import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { socksTunnel } from './socks.ts';

/** What a tunnel leads to. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A connection to a target through a proxy. Rejects if the proxy does not make it. */
export function tunnelTo(target: Target, proxy: URL, timeoutMs: number): Promise<Socket> {
  return proxy.protocol.startsWith('socks5')
    ? socksTunnel(target, proxy, timeoutMs)
    : httpTunnel(target, proxy, timeoutMs);
}

function httpTunnel(target: Target, proxy: URL, timeoutMs: number): Promise<Socket> {
  const path = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const { protocol, hostname, port, username, password } = proxy;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = {
    host: path,
    ...(username !== '' && { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
  };
  const secure = protocol === 'https:';
  const options = {
    method: 'CONNECT',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port || (secure ? 443 : 80),
    path,
    headers,
    agent: false,
    timeout: timeoutMs,
  };
  return new Promise((resolve, reject) => {
    const asked = (secure ? requestHttps : requestHttp)(options);
    const named = (problem: string, cause?: Error): Error =>
      new Error(`proxy ${protocol}//${proxy.host}: ${problem}`, { cause });
    asked.once('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    asked.once('error', (cause) => reject(named(cause.message, cause)));
    asked.once('response', ({ statusCode, statusMessage }) => {
      asked.destroy();
      reject(named(`it refuses to connect to ${path}: ${statusCode} ${statusMessage}`));
    });
    asked.once('connect', ({ statusCode, statusMessage }, socket: Socket) => {
      socket.setTimeout(0);
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(named(`it refuses to connect to ${path}: ${statusCode} ${statusMessage}`));
    });
    asked.end();
  });
}
