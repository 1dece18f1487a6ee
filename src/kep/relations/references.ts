import type { Kep, Reference } from '../model/kep.ts';
import { readReference } from '../document/read-reference.ts';
import { find, foldersOf, type Tree } from '../model/tree.ts';

/** What a reference means, and what is to be said of it. */
export interface Resolved {
  readonly reference: Reference;
  /** It names something of the repository that is not there. */
  readonly isDangling?: boolean;
  /** It names a KEP by a path that is not its path; this is. */
  readonly movedTo?: string;
  /** The path that a reference to the KEP is written as. */
  readonly path?: string;
  /** It says nothing. */
  readonly isEmpty?: boolean;
}

/** Knows all KEPs of a checkout, and finds the one that a reference means. */
export class References {
  readonly #tree: Tree;
  readonly #folders: ReadonlySet<string>;
  readonly #byPath: ReadonlyMap<string, Kep>;
  readonly #byNumber = new Map<number, Kep[]>();

  /** @param tree the files of the checkout, for links and for what is no KEP */
  constructor(tree: Tree, keps: readonly Kep[]) {
    this.#tree = tree;
    this.#folders = foldersOf(tree.files);
    this.#byPath = new Map(keps.map((kep) => [kep.path, kep]));
    for (const kep of keps) {
      if (!kep.number) continue;
      this.#byNumber.set(kep.number, [...(this.#byNumber.get(kep.number) ?? []), kep]);
    }
  }

  /** The KEP that has a number, if one alone has it. */
  numbered(number: number | undefined): Kep | undefined {
    const keps = this.#byNumber.get(number ?? 0) ?? [];
    return keps.length === 1 ? keps[0] : undefined;
  }

  /** What a text of `see-also`, `replaces` or `superseded-by` means. */
  resolve(text: string): Resolved {
    const pointer = readReference(text);
    const plain: Reference = { text };
    switch (pointer.kind) {
      case 'none':
        return { reference: plain, isEmpty: true };
      case 'text':
        return { reference: plain };
      case 'url': {
        const kep = this.numbered(pointer.number);
        return { reference: { text, ...(kep && { kep: kep.name }), url: pointer.url }, ...pathFor(text, kep) };
      }
      case 'number': {
        const kep = pointer.isOld ? undefined : this.numbered(pointer.number);
        if (kep === undefined) return { reference: plain, isDangling: true };
        return { reference: { text, kep: kep.name }, ...pathFor(text, kep) };
      }
      case 'folder':
        return this.#folder(text, pointer.folder, pointer.number);
    }
  }

  #folder(text: string, folder: string, number: number | undefined): Resolved {
    const named = this.#byPath.get(folder);
    const there = named ?? this.#holding(folder);
    if (there !== undefined) return { reference: { text, kep: there.name }, ...pathFor(text, named) };
    const moved = this.numbered(number);
    if (moved !== undefined) return { reference: { text, kep: moved.name }, movedTo: `/${moved.path}` };
    return { reference: { text }, isDangling: find(this.#tree, folder, this.#folders) === undefined };
  }

  /** The KEP in whose folder a file lies, or to which a link leads. */
  #holding(path: string): Kep | undefined {
    const found = find(this.#tree, path, this.#folders) ?? '';
    for (let end = found.length; end > 0; end = found.lastIndexOf('/', end - 1)) {
      const kep = this.#byPath.get(found.slice(0, end));
      if (kep !== undefined) return kep;
    }
    return undefined;
  }
}

/** The path that a text is to be, where it names the KEP alone, without words or a place in its text. */
function pathFor(text: string, kep: Kep | undefined): { readonly path?: string } {
  return kep === undefined || /[\s[(]|.#/.test(text) ? {} : { path: `/${kep.path}` };
}
