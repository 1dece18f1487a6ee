import type { KubeObject } from 'nekube/apimachinery';
import { stringifyYaml } from 'nekube/apimachinery';
import { blame, type BlamedLine, maskSecret, type Owner } from 'nekube/ownership';
import { useMemo, useRef, useState } from 'preact/hooks';
import { useKeys } from '../app/keyboard.ts';
import { Age } from '../ui/age-text.tsx';
import { toast } from '../ui/toasts.tsx';
import { OwnerColors, type OwnerName, showOwner } from './owner-colors.ts';
import { detailTexts as t } from './texts.ts';
import { VirtualLines } from './virtual-lines.tsx';
import { foldedAtFirst, piecesOf, textLines, visibleLines, withEnds } from './yaml-text.ts';

/** A line as it is shown, with its owners where those are asked for. */
interface ShownLine {
  readonly text: string;
  readonly path: readonly unknown[];
  readonly continued: boolean;
  readonly end: number;
  readonly blamed?: BlamedLine;
}

/** Beyond so many lines a part is folded at first. */
const LONG = 400;

/** An object as YAML, to be read; with blame, who owns each line. */
export function YamlTab({ object, withBlame }: { readonly object: KubeObject; readonly withBlame: boolean }) {
  const [isRevealed, setRevealed] = useState(false);
  const [only, setOnly] = useState<string>();
  const isSecret = object.kind === 'Secret' && object.apiVersion === 'v1';
  const shown = useMemo(() => (isSecret && !isRevealed ? maskSecret(object) : object), [object, isRevealed]);
  const blamed = useMemo(() => (withBlame ? blame(shown) : undefined), [shown, withBlame]);
  const lines = useMemo(() => (blamed === undefined ? textLines(shown) : blamedLines(blamed.lines)), [shown, blamed]);
  const folds = useFolds(lines, withBlame);
  const filtered = useMemo(
    () => (only === undefined || !withBlame ? folds.visible : folds.visible.filter((at) => isOf(lines[at]!, only))),
    [folds.visible, only, lines, withBlame],
  );
  const find = useFind(lines, folds);
  const colors = useMemo(() => new OwnerColors(blamed?.owners ?? []), [blamed]);
  const showLine = find.current === undefined ? undefined : filtered.indexOf(find.current);

  return (
    <div class="yaml">
      <div class="tools">
        <input
          ref={find.input}
          type="search"
          aria-label={t.find}
          placeholder={t.findHint}
          value={find.wanted}
          onInput={(event) => find.setWanted(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') find.step(event.shiftKey ? -1 : 1);
            if (event.key === 'Escape') {
              find.setWanted('');
              event.currentTarget.blur();
            }
          }}
        />
        {find.wanted !== '' && <span class="soft">{t.matches(find.at + 1, find.found.length)}</span>}
        <span class="spring" />
        {isSecret && (
          <button type="button" class="quiet" aria-pressed={isRevealed} onClick={() => setRevealed(!isRevealed)}>
            {isRevealed ? t.hide : t.reveal}
          </button>
        )}
        <button type="button" class="quiet" onClick={folds.toggleAll}>
          {folds.isAllOpen ? t.foldAll : t.unfoldAll}
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => void navigator.clipboard.writeText(stringifyYaml(shown as never)).then(() => toast(t.copied))}
        >
          {t.copy}
        </button>
      </div>
      {blamed && (
        <Legend
          owners={blamed.owners}
          lines={blamed.lines}
          colors={colors}
          only={only}
          choose={setOnly}
          problems={blamed.problems}
        />
      )}
      <VirtualLines
        count={filtered.length}
        label={t.yaml}
        className={withBlame ? 'blame' : ''}
        {...(showLine !== undefined && { showLine })}
        render={(row) => {
          const at = filtered[row]!;
          const before = row > 0 ? lines[filtered[row - 1]!] : undefined;
          return (
            <Line
              key={at}
              line={lines[at]!}
              number={at + 1}
              before={before}
              isFolded={folds.folded.has(at)}
              hidden={lines[at]!.end - at - 1}
              toggle={() => folds.toggle(at)}
              colors={colors}
              isFound={find.current === at}
              managers={object.metadata.managedFields?.length ?? 0}
            />
          );
        }}
      />
    </div>
  );
}

function blamedLines(lines: readonly BlamedLine[]): ShownLine[] {
  return withEnds(
    lines.map((blamed) => ({ text: blamed.text, path: blamed.path, continued: blamed.continued, blamed })),
  );
}

function isOf({ blamed }: ShownLine, only: string): boolean {
  return blamed!.claim !== 'enclosing' && blamed!.owners.some((owner) => keyOf(owner) === only);
}

function keyOf({ manager, operation, subresource }: OwnerName): string {
  return JSON.stringify([manager, operation, subresource]);
}

function useFolds(lines: readonly ShownLine[], withBlame: boolean) {
  // by place in the text, which stays nearly the same from version to version
  const atFirst = useMemo(() => foldedAtFirst(lines as never, { long: LONG }), [withBlame, lines.length > 2 * LONG]);
  const [changed, setChanged] = useState<{ readonly of: Set<number>; readonly folded: ReadonlySet<number> }>();
  const folded = changed?.of === atFirst ? changed.folded : atFirst;
  const set = (next: ReadonlySet<number>): void => setChanged({ of: atFirst, folded: next });
  const visible = useMemo(() => visibleLines(lines, folded), [lines, folded]);
  const isAllOpen = ![...folded].some((at) => at < lines.length && lines[at]!.end > at + 1);
  return {
    folded,
    visible,
    isAllOpen,
    set,
    toggle(at: number) {
      const next = new Set(folded);
      if (!next.delete(at)) next.add(at);
      set(next);
    },
    toggleAll() {
      if (!isAllOpen) return set(new Set());
      set(
        new Set(
          lines.flatMap(({ end, path, continued }, at) => (end > at + 1 && path.length <= 2 && !continued ? [at] : [])),
        ),
      );
    },
  };
}

/** Lines that contain a text; what hides the current one is opened. */
function useFind(lines: readonly ShownLine[], folds: ReturnType<typeof useFolds>) {
  const input = useRef<HTMLInputElement>(null);
  const [wanted, setText] = useState('');
  const [at, setAt] = useState(0);
  const found = useMemo(() => {
    const lower = wanted.toLowerCase();
    if (lower === '') return [];
    return lines.flatMap(({ text }, i) => (text.toLowerCase().includes(lower) ? [i] : []));
  }, [wanted, lines]);
  const keys = useMemo(() => [{ keys: '/', title: () => t.find, run: () => input.current?.focus() }], []);
  useKeys(keys);
  const show = (index: number): void => {
    setAt(index);
    const line = found[index];
    if (line === undefined) return;
    const opened = new Set([...folds.folded].filter((fold) => !(fold < line && lines[fold]!.end > line)));
    if (opened.size < folds.folded.size) folds.set(opened);
  };
  return {
    input,
    wanted,
    found,
    at: Math.min(at, Math.max(found.length - 1, 0)),
    current: found[at],
    setWanted(text: string) {
      setText(text);
      setAt(0);
    },
    step(by: number) {
      if (found.length > 0) show((at + by + found.length) % found.length);
    },
  };
}

function Line(props: {
  readonly line: ShownLine;
  readonly number: number;
  readonly before: ShownLine | undefined;
  readonly isFolded: boolean;
  readonly hidden: number;
  readonly toggle: () => void;
  readonly colors: OwnerColors;
  readonly isFound: boolean;
  readonly managers: number;
}) {
  const { line, isFolded, hidden } = props;
  const isManaged = line.path.length === 2 && line.path[1] === 'managedFields';
  return (
    <div class={`line ${props.isFound ? 'found' : ''}`}>
      {line.blamed && <BlameCell line={line.blamed} before={props.before?.blamed} colors={props.colors} />}
      <span class="number" aria-hidden="true">
        {props.number}
      </span>
      {hidden > 0 ? (
        <button
          type="button"
          class={`fold ${isFolded ? '' : 'open'}`}
          aria-expanded={!isFolded}
          aria-label={isFolded ? t.unfold : t.fold}
          onClick={props.toggle}
        />
      ) : (
        <span class="fold" />
      )}
      <code>
        <span translate={false}>
          {piecesOf(line).map((piece, i) => (
            <span key={i} class={`y-${piece.kind}`}>
              {piece.text}
            </span>
          ))}
        </span>
        {isFolded && (
          <button type="button" class="folded" onClick={props.toggle}>
            {isManaged ? t.foldedManaged(props.managers) : t.folded(hidden)}
          </button>
        )}
      </code>
    </div>
  );
}

/** Who owns a line; said once for lines that follow each other. */
function BlameCell(props: {
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

function Legend(props: {
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
        for (const owner of owners) found.set(keyOf(owner), (found.get(keyOf(owner)) ?? 0) + 1);
    return found;
  }, [props.lines]);
  const unique = [...new Map(props.owners.map((owner) => [keyOf(owner), owner])).values()];
  return (
    <>
      {props.owners.length === 0 && <p class="soft legend">{t.noManagers}</p>}
      {unique.length > 0 && (
        <ul class="legend">
          {unique.map((owner) => {
            const key = keyOf(owner);
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
