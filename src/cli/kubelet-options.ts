import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KubeletOptions } from 'nekube/apiserver';
import { CliError, messageOf } from './io.ts';
import type { KubeletFlags } from './kubelet-flags.ts';

/** How kubelets are reached by these flags. @throws CliError for a file that cannot be read, and half a pair */
export function kubeletFlagOptions(flags: KubeletFlags, cwd: string): KubeletOptions {
  const { kubeletClientCertificate, kubeletClientKey, kubeletCertificateAuthority, kubeletPreferredAddressTypes } =
    flags;
  if ((kubeletClientCertificate === undefined) !== (kubeletClientKey === undefined))
    throw new CliError('Cannot show a certificate to kubelets: one of certificate and key is missing', {
      hint: 'give both --kubelet-client-certificate and --kubelet-client-key',
    });
  const types = kubeletPreferredAddressTypes?.split(',').map((type) => type.trim());
  return {
    ...(kubeletClientCertificate !== undefined && {
      clientCert: read(kubeletClientCertificate, cwd, '--kubelet-client-certificate'),
      clientKey: read(kubeletClientKey!, cwd, '--kubelet-client-key'),
    }),
    ...(kubeletCertificateAuthority !== undefined && {
      ca: read(kubeletCertificateAuthority, cwd, '--kubelet-certificate-authority'),
    }),
    ...(types !== undefined && { preferredAddressTypes: types }),
  };
}

function read(file: string, cwd: string, flag: string): string {
  let cause: unknown;
  try {
    const text = readFileSync(resolve(cwd, file), 'utf8');
    if (text.includes('-----BEGIN ')) return text;
  } catch (error) {
    cause = error;
  }
  const why = cause === undefined ? 'there is no PEM in it' : messageOf(cause);
  throw new CliError(`Cannot read ${JSON.stringify(file)}: ${why}`, { hint: `name a PEM file with ${flag}`, cause });
}
