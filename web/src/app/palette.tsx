import { type Signal, signal, useComputed, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { Chooser } from '../ui/chooser.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { fuzzy } from './fuzzy.ts';
import { type Command, registered } from './registry.ts';
import { href, navigate } from './router.ts';
import { shellTexts as t } from './texts.ts';

const opened = signal(false);

export function openPalette(): void {
  opened.value = true;
}

/** What is offered at most. */
const MOST = 50;
/** A word is searched for when nothing is typed for so long, and it is not shorter. */
const SEARCH = { afterMs: 200, letters: 2 };

/** Goes anywhere and does anything by its name. Each section says what it has for what is typed. */
export function Palette() {
  return opened.value ? <OpenPalette /> : null;
}

function OpenPalette() {
  const typed = useSignal('');
  const close = (): void => {
    opened.value = false;
  };
  // at once: later it would close one that was opened again
  useLayoutEffect(() => close, []);
  const found = useSearch(typed.value.trim());
  const commands = useComputed(() => {
    const word = typed.value.trim();
    const all = registered.value.flatMap((section) => section.commands?.(word) ?? []);
    const ids = new Set(all.map(({ id }) => id));
    const more = found.commands.value.filter(({ id }) => !ids.has(id));
    // what comes later stands below what one may be about to choose
    const own = rank(
      word,
      all.filter(({ always }) => !always),
    );
    return [...own, ...rank(word, more), ...all.filter(({ always }) => always)].slice(0, MOST);
  });
  const choose = (command: Command, newTab: boolean): void => {
    close();
    if (command.href !== undefined && newTab) open(href(command.href), '_blank', 'noopener');
    else if (command.href !== undefined) navigate(href(command.href));
    else command.run?.();
  };
  return (
    <Dialog label={t.palette} class="palette" onClose={close}>
      <Chooser
        label={t.palette}
        placeholder={t.palettePlaceholder}
        typed={typed}
        empty={found.isSearching.value ? t.searching : t.paletteEmpty}
        options={() =>
          commands.value.map((command) => ({
            id: command.id,
            content: (
              <>
                <Icon name={command.icon ?? 'chevron'} />
                <span class="title" translate={command.data ? false : undefined}>
                  {command.title}
                </span>
                <span class="soft" translate={command.dataHint ? false : undefined}>
                  {command.hint}
                </span>
              </>
            ),
          }))
        }
        onChoose={(id, { newTab }) => {
          const command = commands.peek().find((one) => one.id === id);
          if (command) choose(command, newTab);
        }}
      />
    </Dialog>
  );
}

/** What sections find for a word that is not in memory. */
function useSearch(word: string): {
  readonly commands: Signal<readonly Command[]>;
  readonly isSearching: Signal<boolean>;
} {
  const commands = useSignal<readonly Command[]>([]);
  const isSearching = useSignal(false);
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const tell = (more: readonly Command[]): void => {
      if (!signal.aborted) commands.value = [...commands.peek(), ...more];
    };
    commands.value = [];
    isSearching.value = word.length >= SEARCH.letters;
    const timer = setTimeout(() => {
      if (word.length < SEARCH.letters) return;
      void Promise.all(registered.peek().map((section) => section.search?.(word, { signal, tell }))).finally(() => {
        if (!signal.aborted) isSearching.value = false;
      });
    }, SEARCH.afterMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [word]);
  return { commands, isSearching };
}

function rank(word: string, commands: readonly Command[]): readonly Command[] {
  if (word === '') return commands;
  return commands
    .map((command) => ({ command, score: scoreOf(word, command) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ command }) => command);
}

function scoreOf(word: string, { title, words = [] }: Command): number {
  return Math.max(...[title, ...words].map((text) => fuzzy(word, text)));
}
