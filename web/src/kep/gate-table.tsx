import { Fragment, type RefObject } from 'preact';
import { type GateRow, STAGES } from 'nekube/kep';
import { MismatchText, StagesOfCode } from './gate-parts.tsx';
import { KepLink, ValueLink } from './parts.tsx';
import { kepTexts as t } from './texts.ts';

/** A gate a row; what each of its KEPs promises stands beside that KEP. */
export function GateTable(props: {
  readonly rows: readonly GateRow[];
  /** What the code has is known. */
  readonly hasCode: boolean;
  readonly cursor: number;
  readonly body: RefObject<HTMLTableSectionElement | null>;
}) {
  return (
    <table class="plain">
      <thead>
        <tr>
          <th scope="col" class="kep-gate">
            {t.gate}
          </th>
          <th scope="col" class="kep-promised">
            <div class="kep-promises">
              <span>{t.kepColumn}</span>
              <span>{t.promised}</span>
            </div>
          </th>
          {props.hasCode && (
            <>
              <th scope="col">{t.inCode}</th>
              <th scope="col" class="kep-differs">
                {t.differs}
              </th>
            </>
          )}
        </tr>
      </thead>
      <tbody ref={props.body}>
        {props.rows.map((row, i) => (
          <tr key={row.gate} class={i === props.cursor ? 'cursor' : undefined}>
            <th scope="row">
              <ValueLink field="gate" value={row.gate} />
            </th>
            <td class="kep-promised">
              <div class="kep-promises">
                {row.keps.map((kep) => (
                  <Fragment key={kep.name}>
                    <KepLink kep={kep} />
                    <span translate={false}>{promised(kep)}</span>
                  </Fragment>
                ))}
                {row.keps.length === 0 && <span class="none">–</span>}
              </div>
            </td>
            {props.hasCode && (
              <>
                <td>{row.stages ? <StagesOfCode stages={row.stages} /> : <span class="soft">{t.notInCode}</span>}</td>
                <td>
                  {row.mismatches.map((one, at) => (
                    <MismatchText key={at} mismatch={one} kep={row.keps.length > 1 ? numberOf(row, one) : undefined} />
                  ))}
                </td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function numberOf({ keps }: GateRow, { kep }: GateRow['mismatches'][number]): string | undefined {
  const found = keps.find(({ name }) => name === kep);
  return found?.number ? String(found.number) : found?.name;
}

function promised({ milestones }: GateRow['keps'][number]): string {
  return STAGES.flatMap((stage) => (milestones[stage] === undefined ? [] : `${stage} ${milestones[stage]}`)).join(', ');
}
