/** Gives headings of a document the ids that GitHub gives them, so that links made for it arrive here. */
export class Slugger {
  readonly #taken = new Map<string, number>();

  /** Of a second heading with the same words `-1`, and so on. */
  slug(text: string): string {
    const plain = text
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    const count = this.#taken.get(plain);
    if (count === undefined) {
      this.#taken.set(plain, 0);
      return plain;
    }
    for (let next = count + 1; ; next++) {
      const slug = `${plain}-${next}`;
      if (this.#taken.has(slug)) continue;
      this.#taken.set(plain, next);
      this.#taken.set(slug, 0);
      return slug;
    }
  }
}
