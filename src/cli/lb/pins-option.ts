import { Option } from 'commander';

/** Where a node's maps and programs are pinned. */
export function pinsOption(): Option {
  return new Option(
    '--pins <dir>',
    'a folder of a bpffs, where maps and programs of the node are; a bpffs is mounted where there is none',
  ).default('/sys/fs/bpf/nekube');
}

/** Where an agent serves what it is asked for, unless it is told otherwise. */
export const AGENT_ADDRESS = '127.0.0.1:10449';

/** Where the agent of this node is asked for names and drops. */
export function agentOption(): Option {
  return new Option('--agent <host:port>', 'where the agent of this node serves /metrics').default(AGENT_ADDRESS);
}
