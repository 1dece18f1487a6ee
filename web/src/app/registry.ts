import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { IconName } from '../ui/icons.tsx';

/**
 * A part of the console: its views, its keys, its commands. A section's own module (`SECTION/section.ts`) is loaded at the start,
 * so it is small; its views are chunks that are loaded when they are first opened.
 */
export interface Section {
  readonly name: string;
  readonly routes: readonly Route[];
  /** Entries above the kinds in the sidebar. */
  readonly links?: readonly Link[];
  /** Keys that work in every view. A view's own are for `useKeys`. */
  readonly keys?: readonly Key[];
  /** What the palette offers of this section for what was typed; asked each time it changes. */
  readonly commands?: (typed: string) => readonly Command[];
  /** Looks for more that is not in memory, and tells it as it is found. Ended when something else is typed. */
  readonly search?: (typed: string, options: SearchOptions) => Promise<void>;
}

export interface SearchOptions {
  readonly signal: AbortSignal;
  readonly tell: (found: readonly Command[]) => void;
}

export interface Route {
  /** Paths as `/r/:group/:version/:resource`; a segment with a colon is any one segment. */
  readonly paths: readonly string[];
  readonly view: () => Promise<{ readonly default: ComponentType<ViewProps> }>;
}

export interface ViewProps {
  /** What the segments with a colon were, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Link {
  readonly href: string;
  readonly title: () => string;
  readonly icon: IconName;
}

export interface Key {
  /** `/`, `g p` (one after the other), `mod+k` (ctrl, on a Mac cmd), `shift+Enter`. */
  readonly keys: string;
  readonly title: () => string;
  /** Returns false when it has nothing to do now: the browser does what it does with that key. */
  readonly run: () => void | false;
  /** Also while one types in a field. */
  readonly inFields?: boolean;
}

export interface Command {
  readonly id: string;
  readonly title: string;
  /** A word or two on what it is: a kind, a namespace. */
  readonly hint?: string;
  /** Other names of it. */
  readonly words?: readonly string[];
  /** The title is a name of the cluster's, and in no language; likewise the hint. */
  readonly data?: boolean;
  readonly dataHint?: boolean;
  /** It fits whatever was typed, and stands last. */
  readonly always?: boolean;
  readonly icon?: IconName;
  /** Where it leads, or what it does. */
  readonly href?: string;
  readonly run?: () => void;
}

export const registered = signal<readonly Section[]>([]);

export function register(section: Section): void {
  registered.value = [...registered.peek(), section];
}
