import { signal } from '@preact/signals';
import { Fragment } from 'preact';
import { Dialog } from '../ui/dialog.tsx';
import { activeKeys } from './keyboard.ts';
import { keyCaps } from './key-names.ts';
import { type Key, registered } from './registry.ts';
import { shellTexts as t } from './texts.ts';

/** The keys that worked when the map was opened; undefined while it is closed. */
const shown = signal<readonly Key[] | undefined>(undefined);

export function openKeyMap(): void {
  shown.value = activeKeys();
}

/** All keys that work now, and what they do. */
export function KeyMap() {
  const keys = shown.value;
  if (!keys) return null;
  const everywhere = new Set(registered.value.flatMap((section) => section.keys ?? []));
  const parts = [
    { title: t.keysHere, rows: byTitle(keys.filter((key) => !everywhere.has(key))) },
    { title: t.keysEverywhere, rows: byTitle(keys.filter((key) => everywhere.has(key))) },
  ];
  const close = (): void => {
    shown.value = undefined;
  };
  return (
    <Dialog label={t.keyMap} class="key-map" onClose={close}>
      <h2>{t.keyMap}</h2>
      <div class="key-parts">
        {parts
          .filter((part) => part.rows.length > 0)
          .map((part) => (
            <section key={part.title}>
              <h3>{part.title}</h3>
              <dl>
                {part.rows.map(({ title, sequences }) => (
                  <Fragment key={title}>
                    <dt>{title}</dt>
                    <dd>
                      {sequences.map((sequence) => (
                        <Sequence key={sequence} keys={sequence} />
                      ))}
                    </dd>
                  </Fragment>
                ))}
              </dl>
            </section>
          ))}
      </div>
      <div class="buttons">
        <button type="button" autofocus onClick={close}>
          {t.close}
        </button>
        <Licenses />
      </div>
    </Dialog>
  );
}

/** What the page is made of; the build says where that stands. */
function Licenses() {
  const address = document.querySelector<HTMLLinkElement>('link[rel=license]')?.href;
  if (address === undefined) return null;
  return (
    <a class="soft" href={address} target="_blank" rel="noopener">
      {t.licenses}
    </a>
  );
}

/** Keys that do the same stand in one line. */
function byTitle(keys: readonly Key[]): { readonly title: string; readonly sequences: readonly string[] }[] {
  const rows = new Map<string, string[]>();
  for (const key of keys) rows.set(key.title(), [...(rows.get(key.title()) ?? []), key.keys]);
  return [...rows].map(([title, sequences]) => ({ title, sequences }));
}

export function Sequence({ keys }: { readonly keys: string }) {
  return (
    <span class="keys">
      {keys.split(' ').map((stroke, i) => (
        <Fragment key={stroke}>
          {i > 0 && <span class="soft">{t.thenKey}</span>}
          {keyCaps(stroke).map((cap) => (
            <kbd key={cap}>{cap}</kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
