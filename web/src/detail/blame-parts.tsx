import type { BlamedLine, Owner } from 'nekube/ownership';
import { useMemo } from 'preact/hooks';
import { Age } from '../ui/age-text.tsx';
import { type OwnerColors, type OwnerName, showOwner } from './owner-colors.ts';
import { detailTexts as t } from './texts.ts';

/** Tells owners apart. */
export function ownerKey({ manager, operation, subresource }: OwnerName): string {
  return JSON.stringify([manager, operation, subresource]);
}

/** Who owns a line; said once for lines that follow each other. */
export function BlameCell(props: {
  readonly line: BlamedLine;
  readonly before: BlamedLine | undefined;
  readonly colors: OwnerColors;
}) {
  const { owners, claim } = props.line;
  const same = props.before && sameOwners(owners, props.before.owners);
  const [owner] = owners;
  if (owner === undefined)
    return (
      <span class="blame-cell nobody" title={t.nobodyHint}>
        {same ? '' : t.nobody}
      </span>
    );
  const hint = claim === 'enclosing' ? t.enclosingHint : claim === 'whole' ? t.wholeHint : '';
  const title = [owners.map((one) => `${showOwner(one)}, ${operationText(one)}, ${one.time ?? ''}`).join('\n'), hint];
  return (
    <span class={`blame-cell ${claim ?? ''}`} title={title.filter(Boolean).join('\n')}>
      <span class="bars" aria-hidden="true">
        {owners.slice(0, 3).map((one, i) => (
          <i key={i} class={`owner-${props.colors.of(one)}`} />
        ))}
      </span>
      {!same && (
        <>
          <b translate={false}>{showOwner(owner)}</b>
          {owners.length > 1 && <em>{t.sharedWith(owners.length - 1)}</em>}
          <span class="soft">{operationText(owner)}</span>
          <span class="soft when">{owner.time && <Age ms={Date.parse(owner.time)} />}</span>
        </>
      )}
    </span>
  );
}

function operationText({ operation }: OwnerName): string {
  return operation === 'Apply' ? t.applied : t.updated;
}

function sameOwners(a: readonly Owner[], b: readonly Owner[]): boolean {
  return a.length === b.length && a.every((owner, i) => owner === b[i]);
}

/** The owners of an object; one of them can be chosen. */
export function Legend(props: {
  readonly owners: readonly Owner[];
  readonly lines: readonly BlamedLine[];
  readonly colors: OwnerColors;
  readonly only: string | undefined;
  readonly choose: (only: string | undefined) => void;
  readonly problems: readonly string[];
}) {
  const counts = useMemo(() => {
    const found = new Map<string, number>();
    for (const { owners, claim } of props.lines)
      if (claim !== 'enclosing')
        for (const owner of owners) found.set(ownerKey(owner), (found.get(ownerKey(owner)) ?? 0) + 1);
    return found;
  }, [props.lines]);
  const unique = [...new Map(props.owners.map((owner) => [ownerKey(owner), owner])).values()];
  return (
    <>
      {props.owners.length === 0 && <p class="soft legend">{t.noManagers}</p>}
      {unique.length > 0 && (
        <ul class="legend">
          {unique.map((owner) => {
            const key = ownerKey(owner);
            const isOnly = props.only === key;
            return (
              <li key={key}>
                <button
                  type="button"
                  class="quiet"
                  aria-pressed={isOnly}
                  title={isOnly ? t.onlyOff : t.only(owner.manager)}
                  onClick={() => props.choose(isOnly ? undefined : key)}
                >
                  <i class={`owner-${props.colors.of(owner)}`} aria-hidden="true" />
                  <span translate={false}>{showOwner(owner)}</span>
                  <span class="soft">
                    {operationText(owner)} · {t.ownersAndLines(counts.get(key) ?? 0)}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {props.problems.length > 0 && (
        <p class="banner warn">
          {t.unreadable} {props.problems.join(' ')}
        </p>
      )}
    </>
  );
}
