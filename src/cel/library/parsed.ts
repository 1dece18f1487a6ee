/** What reading a text gave: a value, or why there is none, in the words of Go. */
export type Parsed<T> = { readonly value: T; readonly error?: undefined } | { readonly error: string };
