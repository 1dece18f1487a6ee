import type { JsonValue } from 'nekube/apimachinery';
import { type Places, placesOf } from './leaves.ts';
import { type Asked, questionsOf } from './questions.ts';
import { isMarkIn } from './sources.ts';
import { goJson, type Scope, type Template } from './template.ts';

/** A scope, and what came of it; undefined: nothing did. */
export interface Sample {
  readonly scope: Scope;
  readonly out: JsonValue | undefined;
}

/** What is known of some scopes. */
export interface About {
  readonly places: Places;
  readonly asked: readonly Asked[];
}

/** How far a search may go that finds nothing, for each place: what is no function would be looked for without end. */
const MOST_FITS = 20_000;

/** So many questions of what is not of one form may stand within each other. */
const MOST_SETTLING = 1;

/** A search for templates, which looks for the same only once: what came of the same scopes is fitted in many ways. */
export class Fitting {
  readonly #by: (samples: readonly Sample[], fitting: Fitting) => Template | undefined;
  readonly #found = new Map<string, Template | undefined>();
  readonly #about = new Map<string, About>();
  readonly #values = new Map<string, number>();
  readonly #objects = new WeakMap<object, number>();
  readonly #scopes = new WeakMap<Scope, number>();
  readonly #maps = new Set<string>();
  /** Texts that are likely hashed: files, and the data of objects that have been found. */
  offered: readonly Template[] = [];
  /** What came of whole scopes: of the place that is fitted. */
  #whole: readonly Sample[] = [];
  readonly #tells = new Map<string, boolean>();
  #scopesSeen = 0;
  #left = MOST_FITS;
  #settling = 0;

  /** @param by finds a template for samples, and asks this for those of their parts */
  constructor(by: (samples: readonly Sample[], fitting: Fitting) => Template | undefined) {
    this.#by = by;
  }

  /** Begins with another place, for which there is as much to be tried, and what came there. */
  renew(whole: readonly Sample[]): void {
    this.#left = MOST_FITS;
    this.#whole = whole;
    this.#tells.clear();
  }

  /**
   * Whether a text of an item says that something comes of it: not if it came of other values too, as `mode` of `defaultMode`, or `tcp` where
   * that is always so.
   */
  tells(mark: string): boolean {
    const known = this.#tells.get(mark);
    if (known !== undefined) return known;
    const isAnyway = this.#whole.some(
      ({ scope, out }) => out !== undefined && isMarkIn(mark, out) && !isMarkIn(mark, scope.Values),
    );
    this.#tells.set(mark, !isAnyway);
    return !isAnyway;
  }

  /** The template that is found for samples; undefined: none. */
  fit(samples: readonly Sample[]): Template | undefined {
    const key = `${this.#scopesKey(samples)}=${samples.map(({ out }) => this.#idOf(out)).join()}`;
    if (this.#found.has(key)) return this.#found.get(key);
    if (this.#left-- <= 0) return undefined;
    const found = this.#by(samples, this);
    if (this.#left > 0) this.#found.set(key, found);
    return found;
  }

  /** Fits with a part of the samples settled; undefined also where too much is settled already: each time all is fitted anew. */
  settling(find: () => Template | undefined): Template | undefined {
    if (this.#settling >= MOST_SETTLING) return undefined;
    this.#settling++;
    const found = find();
    this.#settling--;
    return found;
  }

  /** What can be asked of the scopes of samples, and where values stand in them. */
  about(samples: readonly Sample[]): About {
    const key = this.#scopesKey(samples);
    const known = this.#about.get(key);
    if (known !== undefined) return known;
    const scopes = samples.map(({ scope }) => scope);
    const places = placesOf(scopes, this.#maps);
    const about = { places, asked: questionsOf(scopes, places) };
    this.#about.set(key, about);
    return about;
  }

  #scopesKey(samples: readonly Sample[]): string {
    return samples.map(({ scope }) => this.#scopeId(scope)).join();
  }

  /** Scopes within a loop are made anew each time, and are known by their values and items. */
  #scopeId(scope: Scope): number {
    const known = this.#scopes.get(scope);
    if (known !== undefined) return known;
    const parts = [this.#objectId(scope.Values), ...scope.items.map((item) => this.#idOf(item))];
    const id = this.#idOf(`scope ${scope.Release.Name} ${parts.join()}`);
    this.#scopes.set(scope, id);
    return id;
  }

  #idOf(value: JsonValue | undefined): number {
    if (value === undefined) return -1;
    if (typeof value === 'object' && value !== null) {
      const known = this.#objects.get(value);
      if (known !== undefined) return known;
      const id = this.#intern(goJson(value));
      this.#objects.set(value, id);
      return id;
    }
    return this.#intern(JSON.stringify(value));
  }

  #objectId(value: object): number {
    const known = this.#objects.get(value);
    if (known !== undefined) return known;
    const id = this.#intern(`object ${this.#scopesSeen++}`);
    this.#objects.set(value, id);
    return id;
  }

  #intern(text: string): number {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    this.#values.set(text, this.#values.size);
    return this.#values.size - 1;
  }
}
