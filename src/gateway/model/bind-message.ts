/** What a system says that does not let somebody listen. */
export interface BindError {
  readonly code?: string;
  readonly message: string;
}

/** Why a port cannot be listened on, and what to do. */
export function bindMessage({ code, message }: BindError, where: string): string {
  return `Cannot listen on ${where}: ${reasonOf(code, message, where)}`;
}

/** `ADDRESS:PORT`. */
export function placeText(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function reasonOf(code: string | undefined, message: string, where: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program has that port: stop it, or choose another port or address';
    case 'EACCES':
      return (
        `a port below 1024 needs a right that this process has not: run it as root or with CAP_NET_BIND_SERVICE, ` +
        `set net.ipv4.ip_unprivileged_port_start=${/\d+(?=$|\/\w+$)/.exec(where)?.[0]} (sysctl), or choose a port from 1024 on`
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
