import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Where systems have the certificates of those they trust. */
const SYSTEM_CA = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Where there is IPv6 its address for all takes IPv4, too. */
export function anyAddress(): string {
  const all = Object.values(networkInterfaces()).flat();
  return all.some((each) => each?.family === 'IPv6') ? '::' : '0.0.0.0';
}

/** The file of those whom this machine trusts. */
export function systemCa(): string {
  return SYSTEM_CA.find((path) => existsSync(path)) ?? '/etc/ssl/certs/ca-certificates.crt';
}

/** Makes sure that nobody serves on a socket. @throws Error if somebody answers */
export async function assertFree(path: string): Promise<void> {
  const isTaken = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
  if (isTaken)
    throw new Error(`Cannot serve Envoy in ${JSON.stringify(path)}: another process does; name another folder`);
}
