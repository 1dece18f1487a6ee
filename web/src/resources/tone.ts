/** What a word of a status says at a glance. */
export type Tone = 'good' | 'busy' | 'bad';

const GOOD =
  /^(Running|Ready|Active|Bound|Available|Succeeded|Completed?|Established|True|Approved(,Issued)?|Attached)$/i;
const BUSY =
  /^(Pending|ContainerCreating|PodInitializing|Terminating|Progressing|Released|Unknown|Init:\d+\/\d+|Suspended|Warning|.*SchedulingDisabled)$/i;
const BAD = /(error|fail|crash|backoff|evicted|lost|oomkilled|notready|denied|invalid|unschedulable)/i;

/** The tone of a cell in a column that tells of a state; undefined for what tells nothing to worry or to be glad about. */
export function toneOf(columnId: string, cell: string): Tone | undefined {
  if (columnId === 'ready' || columnId === 'completions') {
    const share = /^(\d+)\/(\d+)$/.exec(cell);
    return share && Number(share[1]) < Number(share[2]) ? 'busy' : undefined;
  }
  if (!/^(status|type|state|condition|available|phase)$/.test(columnId)) return undefined;
  if (BAD.test(cell)) return 'bad';
  if (BUSY.test(cell) || cell === 'False') return 'busy';
  return GOOD.test(cell) ? 'good' : undefined;
}
