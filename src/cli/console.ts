import { resolve } from 'node:path';
import { type ClusterConfig, findConfig, type Impersonation, transportFor, type Transport } from 'nekube/client';
import { type ConsoleTls, isLoopback, type KepCheckout, type RunningConsole, startConsole } from 'nekube/console';
import { isCheckout } from 'nekube/kep';
import { formatAddress, type ListenAddress, parseListenAddress } from './address.ts';
import { connectError } from './cluster.ts';
import type { ConsoleFlags } from './console-command.ts';
import { CliError, type Io, messageOf } from './io.ts';
import { printable } from './printable.ts';
import { tlsFiles } from './tls-files.ts';

/** What a console is of, and where. */
export interface ConsolePlace {
  readonly transport: Transport;
  readonly as?: Impersonation;
  readonly listen: ListenAddress;
  readonly tls?: ConsoleTls;
  readonly keps?: KepCheckout;
}

/** `nekube console`: serves the console of a cluster until `io.signal` is aborted. @throws CliError */
export async function console(flags: ConsoleFlags, io: Io): Promise<void> {
  const listen = parseListenAddress(flags.listen);
  const files = { cert: flags.tlsCertFile, key: flags.tlsKeyFile };
  const tls = tlsFiles(files, io.cwd, { cert: '--tls-cert-file', key: '--tls-key-file' });
  if (tls === undefined && !isLoopback(listen.host)) {
    throw new CliError(
      `Cannot listen on ${formatAddress(listen)}: it is not the loopback address, and there is no TLS`,
      {
        hint: 'give --tls-cert-file and --tls-key-file, or listen on 127.0.0.1',
      },
    );
  }
  const keps = kepsOf(flags, io);
  const asked = impersonationOf(flags);
  const config = configOf(flags, io);
  const as = asked ?? config.impersonate;
  const transport = await transportFor(config, { env: io.env });
  try {
    const stop = await serveConsole(
      { transport, ...(as && { as }), listen, ...(tls && { tls }), ...(keps && { keps }) },
      io,
      '--listen',
    );
    void tellIfDown(transport, io);
    await new Promise<void>((done) => {
      if (io.signal.aborted) done();
      else io.signal.addEventListener('abort', () => done(), { once: true });
    });
    await stop();
  } finally {
    await transport.close();
  }
}

/** Says at once what each page would say; the console goes on, since the server may come yet. */
async function tellIfDown(transport: Transport, { stderr, signal }: Io): Promise<void> {
  try {
    const { body } = await transport.send({ method: 'GET', path: '/version', headers: {}, signal });
    for await (const _ of body);
  } catch (error) {
    if (!signal.aborted) stderr(`warning: the cluster does not answer yet: ${printable(messageOf(error))}\n`);
  }
}

/**
 * Serves a console and prints the link to sign in, and another for each signal USR2.
 *
 * @param flag the one that says where, for a message that it is taken
 * @returns stops it
 * @throws CliError when the address cannot be had
 */
export async function serveConsole(
  place: ConsolePlace,
  io: Pick<Io, 'stderr'>,
  flag: '--listen' | '--console',
): Promise<() => Promise<void>> {
  const running = await listening(place, flag);
  const print = (): void => io.stderr(`nekube: console ${running.link()}\n`);
  if (process.platform === 'win32') {
    print();
    return () => running.close();
  }
  // in one piece, so that nothing comes between
  const another = `nekube: the link signs in once, within ten minutes; another: kill -USR2 ${process.pid}\n`;
  io.stderr(`nekube: console ${running.link()}\n${another}`);
  process.on('SIGUSR2', print);
  return () => {
    process.off('SIGUSR2', print);
    return running.close();
  };
}

async function listening(place: ConsolePlace, flag: string): Promise<RunningConsole> {
  try {
    return await startConsole(place);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'the address is in use' : messageOf(cause);
    throw new CliError(`Cannot serve the console on ${formatAddress(place.listen)}: ${why}`, {
      hint: `end the program that listens there, or choose another port with ${flag} (0 takes a free one)`,
      cause,
    });
  }
}

function configOf(flags: ConsoleFlags, io: Io): ClusterConfig {
  const { kubeconfig, context } = flags;
  try {
    return findConfig({
      env: io.env,
      ...(kubeconfig !== undefined && { kubeconfig: resolve(io.cwd, kubeconfig) }),
      ...(context !== undefined && { context }),
    });
  } catch (cause) {
    throw connectError(cause, flags, io);
  }
}

function impersonationOf({ as, asGroup, asUid }: ConsoleFlags): Impersonation | undefined {
  if (as !== undefined)
    return { user: as, ...(asGroup && { groups: asGroup }), ...(asUid !== undefined && { uid: asUid }) };
  if (asGroup === undefined && asUid === undefined) return undefined;
  throw new CliError('--as-group and --as-uid are about a user, and there is none', { hint: 'add --as USER' });
}

function kepsOf({ kepFrom, kepFeatures }: ConsoleFlags, { cwd }: Io): KepCheckout | undefined {
  if (kepFrom === undefined) {
    if (kepFeatures === undefined) return undefined;
    throw new CliError('--kep-features is about a checkout, and there is none', { hint: 'add --kep-from DIR' });
  }
  const from = resolve(cwd, kepFrom);
  if (!isCheckout(from))
    throw new CliError(`--kep-from ${kepFrom}: it is no checkout of kubernetes/enhancements`, {
      hint: 'git clone https://github.com/kubernetes/enhancements',
    });
  return { from, ...(kepFeatures !== undefined && { features: resolve(cwd, kepFeatures) }) };
}
