import { type Kep, STAGES, type Stage } from '../model/kep.ts';
import { type Field, type FieldReader, isNull } from './fields.ts';
import { isPlaceholder, minorOf, readMilestone } from './values.ts';

/** Reads `latest-milestone` and `milestone`; what is no release is kept in `written`. */
export function readMilestones(
  reader: FieldReader,
  written: Record<string, string>,
): Pick<Kep, 'latestMilestone' | 'milestones'> {
  const latest = reader.text('latest-milestone');
  const field = reader.field('latest-milestone');
  const latestMilestone = latest === undefined ? undefined : milestoneIn(reader, field!, latest, written);
  const milestones: Partial<Record<Stage, string>> = {};
  for (const entry of reader.mapping('milestone')) {
    const stage = STAGES.find((one) => one === entry.key);
    if (stage === undefined) {
      reader.report('warning', 'field-unknown', `"milestone.${entry.key}" is not a stage`, { line: entry.line });
      continue;
    }
    if (entry.node.kind !== 'scalar' || isNull(entry.node) || entry.node.value.trim() === '') continue;
    const named = { ...entry, key: `milestone.${entry.key}` };
    const milestone = milestoneIn(reader, named, entry.node.value.trim(), written);
    if (milestone !== undefined) milestones[stage] = milestone;
  }
  tellOrder(reader, milestones);
  return { ...(latestMilestone !== undefined && { latestMilestone }), milestones };
}

function milestoneIn(
  reader: FieldReader,
  { key, line }: Field,
  text: string,
  written: Record<string, string>,
): string | undefined {
  const read = readMilestone(text);
  if (read === undefined) {
    written[key] = text;
    // 0.0 was put in when the field became required
    const level = isPlaceholder(text) || text === '0.0' ? 'note' : 'warning';
    const rule = level === 'note' ? 'placeholder' : 'milestone-unknown';
    reader.report(level, rule, `"${key}" must be a release as v1.36, not ${JSON.stringify(text)}`, { line });
  } else if (!read.isWellFormed) {
    const edit = reader.replacing(line, text, read.milestone);
    reader.report('warning', 'milestone-form', `"${key}" must be written ${read.milestone}, not ${text}`, {
      line,
      edit,
    });
  }
  return read?.milestone;
}

/** A stage is not reached before the one in front of it. */
function tellOrder(reader: FieldReader, milestones: Readonly<Partial<Record<Stage, string>>>): void {
  const reached = STAGES.filter((stage) => milestones[stage] !== undefined);
  for (const [i, stage] of reached.entries()) {
    const before = reached[i - 1];
    if (before === undefined || minorOf(milestones[before]!) <= minorOf(milestones[stage]!)) continue;
    reader.report(
      'warning',
      'milestone-order',
      `${stage} in ${milestones[stage]} is before ${before} in ${milestones[before]}`,
      { line: reader.field('milestone')!.line },
    );
  }
}
