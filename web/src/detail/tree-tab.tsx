import type { KubeObject } from 'nekube/apimachinery';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Kind } from '../api/kinds.ts';
import { href, navigate } from '../app/router.ts';
import { Age } from '../ui/age-text.tsx';
import { useLeave } from '../ui/leave.ts';
import type { OwnedRow, OwnerLine } from './owner-index.ts';
import { OwnerTree } from './owner-tree.ts';
import { detailTexts as t } from './texts.ts';
import { TreeCursor } from './tree-cursor.ts';

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
  useLeave(() => tree.stop(), [tree]);
  const cursor = useMemo(
    () =>
      new TreeCursor(() => {
        void tree.version.value;
        return tree.index.trees(uid);
      }, uid),
    [tree],
  );
  const list = useRef<HTMLUListElement>(null);
  /** A key moved the cursor, and the focus goes along when that is drawn. */
  const hasMoved = useRef(false);
  const current = cursor.current.value;
  const { done, all } = tree.progress.value;
  // before anything else happens: the line that had the focus may be folded away
  useLayoutEffect(() => {
    if (!hasMoved.current) return;
    hasMoved.current = false;
    list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [lines, at] = [cursor.lines.peek(), cursor.current.peek()];
    if (event.key === 'Enter') {
      if (at?.node.row !== undefined) navigate(href(hrefOf(at.node.row)));
    } else if (!cursor.take(event.key)) return;
    // where nothing moved nothing is drawn, and what is drawn later takes no focus
    if (cursor.current.peek() !== at || cursor.lines.peek() !== lines) hasMoved.current = true;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="pane">
      <p class="soft status-line" role="status">
        {done < all ? t.treeReading(done, all) : t.treeCount(tree.index.descendants(uid))}
        {past && ` ${t.treePast}`}
      </p>
      {tree.unread.value.size > 0 && <p class="banner warn">{t.treeUnread([...tree.unread.value].join(', '))}</p>}
      <ul class="tree" role="tree" aria-label={t.tree} ref={list} onKeyDown={onKeyDown}>
        {cursor.lines.value.map((line) => (
          <TreeLine
            key={line.path}
            line={line}
            isHere={line.node.ref.uid === uid}
            isCurrent={line === current}
            isGone={tree.gone.has(line.node.ref.uid)}
            toggle={() => cursor.fold(line.path, line.isOpen)}
            choose={() => cursor.goTo(line.path)}
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
  /** There is no such object (any more); else, where there is no row of it, it is being read. */
  readonly isGone: boolean;
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
        <span class={props.isGone ? 'missing' : 'soft'} title={props.isGone ? t.treeGone : undefined}>
          <span translate={false}>{ref.name}</span> {props.isGone && <em>{t.missing}</em>}
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
