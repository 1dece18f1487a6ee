import type { KubeObject } from 'nekube/apimachinery';
import { stringifyYaml } from 'nekube/apimachinery';
import { blame, type BlamedLine, maskSecret } from 'nekube/ownership';
import { useMemo, useState } from 'preact/hooks';
import { toast } from '../ui/toasts.tsx';
import { BlameCell, Legend, ownerKey } from './blame-parts.tsx';
import { OwnerColors } from './owner-colors.ts';
import { type ShownLine, useFind, useFolds } from './shown-lines.ts';
import { detailTexts as t } from './texts.ts';
import { VirtualLines } from './virtual-lines.tsx';
import { piecesOf, textLines, withEnds } from './yaml-text.ts';

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
            if (event.isComposing) return;
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
  return blamed!.claim !== 'enclosing' && blamed!.owners.some((owner) => ownerKey(owner) === only);
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
