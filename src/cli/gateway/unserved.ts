import { CONTROLLER_NAME, type Snapshot, type Statuses } from 'nekube/gateway';
import { lackingOf } from './lacking.ts';
import { troublesOf } from './troubles.ts';

const KINDS = /^(?:Gateway|ListenerSet)\./;

/** A line for each Gateway or ListenerSet that is not served, or not wholly, and why. */
export function unservedLines({ gateways, gatewayClasses }: Snapshot, statuses: Statuses): readonly string[] {
  const ignored = [...gateways].flatMap(([key, gateway]) => {
    if (statuses.gateways.has(key)) return [];
    const name = gateway.spec?.gatewayClassName ?? '';
    const lacking = lackingOf({ ...gateway, kind: 'Gateway' }, [...gatewayClasses.values()].map(asClass));
    return [`Gateway ${key}: ${lacking ?? `its class ${name} is of another controller than ${CONTROLLER_NAME}`}`];
  });
  const troubled = troublesOf(statuses).filter(({ identity }) => KINDS.test(identity));
  return [
    ...ignored,
    ...troubled.map(({ identity, object, reason, message }) => {
      const [kind] = object.split(' ', 1);
      return `${kind} ${identity.slice(identity.indexOf(' ') + 1)}: ${reason}: ${message}`;
    }),
  ];
}

function asClass<T extends object>(gatewayClass: T): T & { readonly kind: 'GatewayClass' } {
  return { ...gatewayClass, kind: 'GatewayClass' };
}
