/**
 * Why a port cannot be listened on, and what to do.
 *
 * @param owner the Gateway that has the port, where it is one of ours
 */
export function bindMessage(error: Error, address: string, port: number, owner?: string): string {
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  if (owner !== undefined && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return `Gateway ${owner} already listens at ${where}; one of both must have another address or port`;
  }
  return `Cannot listen on ${where}: ${reasonOf((error as NodeJS.ErrnoException).code, error.message, port)}`;
}

function reasonOf(code: string | undefined, message: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program or Gateway has that port: stop it, or choose another port or address';
    case 'EACCES':
      return (
        `a port below 1024 needs a right that this process has not: run it as root or with CAP_NET_BIND_SERVICE, ` +
        `set net.ipv4.ip_unprivileged_port_start=${port} (sysctl), or choose a port from 1024 on`
      );
    case 'EADDRNOTAVAIL':
      return 'no interface of this machine has that address: add it to one, or choose another address';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the address is a name that is not known here: give an IP address';
    default:
      return message;
  }
}
