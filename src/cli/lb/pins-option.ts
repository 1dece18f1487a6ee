import { Option } from 'commander';

/** Where a node's maps and programs are pinned. */
export function pinsOption(): Option {
  return new Option(
    '--pins <dir>',
    'a folder of a bpffs, where maps and programs of the node are; a bpffs is mounted where there is none',
  ).default('/sys/fs/bpf/nekube');
}

/** Where the agent of this node is asked for names and drops. */
export function agentOption(): Option {
  return new Option('--agent <host:port>', 'where the agent of this node serves /metrics').default('127.0.0.1:10449');
}
