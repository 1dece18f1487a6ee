import type { KubeObject } from 'nekube/apimachinery';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Kind } from '../api/kinds.ts';
import { href, navigate } from '../app/router.ts';
import { Age } from '../ui/age-text.tsx';
import { type OwnedRow, linesOf, type OwnerLine } from './owner-index.ts';
import { OwnerTree } from './owner-tree.ts';
import { detailTexts as t } from './texts.ts';

/** The owners of an object up to the roots, and down all that depends on it. By keys as a tree is: arrows, enter. */
export function TreeTab({
  object,
  kind,
  past,
}: {
  readonly object: KubeObject;
  readonly kind: Kind;
  readonly past: boolean;
}) {
  const { uid = '' } = object.metadata;
  const tree = useMemo(() => new OwnerTree(object, kind), [uid]);
  useEffect(() => () => tree.stop(), [tree]);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<string>();
  const list = useRef<HTMLUListElement>(null);
  void tree.version.value;
  const lines = linesOf(tree.index.trees(uid), folded);
  const current = lines.find(({ path }) => path === at) ?? lines.find(({ node }) => node.ref.uid === uid) ?? lines[0];
  const { done, all } = tree.progress.value;

  const fold = (path: string, isFolded: boolean): void => {
    const next = new Set(folded);
    if (isFolded) next.add(path);
    else next.delete(path);
    setFolded(next);
  };
  const go = (line: OwnerLine | undefined): void => {
    if (line === undefined) return;
    setAt(line.path);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (current === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = lines.indexOf(current);
    const { path, isOpen, depth, node } = current;
    const parent = lines.slice(0, index).findLast((line) => line.depth === depth - 1);
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(lines[index + 1]),
      j: () => go(lines[index + 1]),
      ArrowUp: () => go(lines[index - 1]),
      k: () => go(lines[index - 1]),
      ArrowRight: () => (isOpen ? go(lines[index + 1]) : fold(path, false)),
      ArrowLeft: () => (isOpen ? fold(path, true) : go(parent)),
      Home: () => go(lines[0]),
      End: () => go(lines.at(-1)),
      Enter: () => node.row && navigate(href(hrefOf(node.row))),
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  return (
    <div class="pane">
      <p class="soft status-line" role="status">
        {done < all ? t.treeReading(done, all) : t.treeCount(tree.index.descendants(uid))}
        {past && ` ${t.treePast}`}
      </p>
      {tree.unread.value.size > 0 && <p class="banner warn">{t.treeUnread([...tree.unread.value].join(', '))}</p>}
      <ul class="tree" role="tree" aria-label={t.tree} ref={list} onKeyDown={onKeyDown}>
        {lines.map((line) => (
          <TreeLine
            key={line.path}
            line={line}
            isHere={line.node.ref.uid === uid}
            isCurrent={line === current}
            toggle={() => fold(line.path, line.isOpen)}
            choose={() => setAt(line.path)}
          />
        ))}
      </ul>
    </div>
  );
}

function hrefOf({ resource, namespace, name }: OwnedRow): string {
  const within = namespace === '' ? '' : `/ns/${encodeURIComponent(namespace)}`;
  return `/r/${resource}${within}/${encodeURIComponent(name)}`;
}

function TreeLine(props: {
  readonly line: OwnerLine;
  readonly isHere: boolean;
  readonly isCurrent: boolean;
  readonly toggle: () => void;
  readonly choose: () => void;
}) {
  const { node, depth, isOpen } = props.line;
  const { row, ref, again, children } = node;
  return (
    <li
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={props.isHere}
      aria-expanded={children.length > 0 ? isOpen : undefined}
      tabIndex={props.isCurrent ? 0 : -1}
      class={props.isHere ? 'here' : ''}
      onFocus={props.choose}
      style={{ paddingLeft: `${12 + depth * 20}px` }}
    >
      {/* the keys of the tree fold, too */}
      <span
        class={`fold ${isOpen ? 'open' : ''} ${children.length === 0 ? 'none' : ''}`}
        aria-hidden="true"
        onClick={props.toggle}
      />
      <span class="kind soft" translate={false}>
        {ref.kind}
      </span>
      {row === undefined ? (
        <span class="missing" title={t.treeGone}>
          <span translate={false}>{ref.name}</span> <em>{t.missing}</em>
        </span>
      ) : (
        <a href={href(hrefOf(row))} tabIndex={-1} translate={false}>
          {row.name}
        </a>
      )}
      {again && <em class="soft">{t.treeAgain}</em>}
      {props.isHere && <em class="soft">{t.treeHere}</em>}
      <span class="spring" />
      {row && (
        <>
          {row.deleting && <span class="level busy">{t.stateTerminating}</span>}
          {row.state.text !== '' && (
            <span class={`level ${row.state.level}`} translate={false}>
              {row.state.text}
            </span>
          )}
          <span class="soft age">{row.created !== '' && <Age ms={Date.parse(row.created)} />}</span>
        </>
      )}
    </li>
  );
}
