import { duplicate, type FieldError, invalid, isValidPortName, isValidPortNum, type Path } from 'nekube/apimachinery';
import { type Check, type Loose, matches, present, requiredAnd, requiredOneOf, type RuleContext } from '../rule.ts';

const checkPortNumber = matches(isValidPortNum as (port: Loose) => string[]);
const checkProtocol = requiredOneOf('SCTP', 'TCP', 'UDP');

/** The ports of a container; names are unique in it. */
export const checkContainerPorts: Check = (ports, path, context) => {
  const names = new Set<string>();
  (ports ?? []).forEach((port: Loose, i: number) => {
    const at = path.index(i);
    if (port.name) checkUniqueName(port.name, at.child('name'), names, context.errors);
    requiredAnd('', checkPortNumber)(port.containerPort, at.child('containerPort'), context);
    present(checkPortNumber)(port.hostPort, at.child('hostPort'), context);
    checkProtocol(port.protocol, at.child('protocol'), context);
  });
};

function checkUniqueName(name: string, at: Path, names: Set<string>, errors: FieldError[]): void {
  const messages = isValidPortName(name);
  for (const message of messages) errors.push(invalid(at, name, message));
  if (messages.length > 0) return;
  if (names.has(name)) errors.push(duplicate(at, name));
  names.add(name);
}

/** No two containers of the list may claim the same port of the host. */
export function checkHostPortConflicts(containers: Loose[], path: Path, context: RuleContext): void {
  const taken = new Set<string>();
  containers.forEach(({ ports = [] }, i) => {
    ports.forEach(({ hostPort, hostIP = '', protocol }: Loose, j: number) => {
      if (!hostPort) return;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) context.errors.push(duplicate(path.index(i).child('ports').index(j).child('hostPort'), key));
      taken.add(key);
    });
  });
}
