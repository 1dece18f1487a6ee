import { type Kep, type ReadinessApprover, STAGES } from '../model/kep.ts';
import { entries, FieldReader } from '../document/fields.ts';
import { isPlaceholder, readPerson } from '../document/values.ts';
import type { Finding } from '../model/finding.ts';

/** Who approved what, of one file below keps/prod-readiness. */
export interface Readiness {
  readonly file: string;
  /** The folder that it lies in: `sig-node`. */
  readonly sig: string;
  /** By the name of the file, which is how the repository finds it. */
  readonly number: number;
  readonly approvers: readonly ReadinessApprover[];
}

/** Reads an approval of production readiness (keps/prod-readiness/template); undefined: its name has no number. */
export function readReadiness(
  file: string,
  text: string,
): { readonly readiness: Readiness | undefined; readonly findings: readonly Finding[] } {
  const reader = new FieldReader(file, text);
  const [, sig = '', digits] = /^keps\/prod-readiness\/([^/]+)\/(?:.*\/)?(\d+)\.yaml$/.exec(file) ?? [];
  if (digits === undefined) {
    reader.report('warning', 'readiness-name', 'its name must be the number of a KEP, as 127.yaml');
    return { readiness: undefined, findings: reader.findings };
  }
  const number = Number(digits);
  const told = reader.text('kep-number');
  if (told !== undefined && Number(told) !== number) {
    const { line } = reader.field('kep-number')!;
    const edit = reader.replacing(line, told, String(number));
    reader.report('warning', 'readiness-number', `"kep-number" is ${told}, and the file is ${digits}.yaml`, {
      line,
      edit,
    });
  }
  return { readiness: { file, sig, number, approvers: approversOf(reader) }, findings: reader.findings };
}

function approversOf(reader: FieldReader): readonly ReadinessApprover[] {
  return STAGES.flatMap((stage) => {
    const field = reader.field(stage);
    if (field === undefined) return [];
    const texts =
      field.node.kind === 'mapping'
        ? entries(field.node)
            .filter(({ key }) => key === 'approver')
            .map(({ node }) => node.value.trim())
        : [field.node.value.trim()];
    return texts
      .filter((text) => text !== '' && !isPlaceholder(text))
      .map((text) => ({ stage, approver: readPerson(text) }));
  });
}

/**
 * The approvals of a KEP: those of its number in the folder of its SIG; where there are none, of its number alone if no other
 * KEP has it.
 */
export function readinessFor(
  { number, path, owningSig }: Pick<Kep, 'number' | 'path' | 'owningSig'>,
  all: ReadonlyMap<number, readonly Readiness[]>,
  isOnly: boolean,
): readonly Readiness[] {
  const ofNumber = number === undefined || number === 0 ? [] : (all.get(number) ?? []);
  const own = ofNumber.filter(({ sig }) => sig === owningSig || path.startsWith(`keps/${sig}/`));
  return own.length > 0 ? own : isOnly ? ofNumber : [];
}
