/** What of a request a route is chosen by. */
export interface RoutedRequest {
  readonly method: string;
  /** Of the authority: lower case, without a port. */
  readonly host: string;
  /** Without a query. */
  readonly path: string;
  /** Without the question mark; empty for none. */
  readonly query: string;
  readonly headers: HeaderLookup;
}

/** Headers, asked by names in lower case. */
export interface HeaderLookup {
  /** All values of the name, as one line has them (joined by commas). */
  get(name: string): string | undefined;
}
