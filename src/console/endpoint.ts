import { type JsonValue, newBadRequest } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { Session } from './sessions.ts';
import { nameProblem } from './stated-object.ts';

/** A request of a page to the console itself. */
export interface PageRequest {
  readonly session: Session;
  /** Acts as the user who is signed in. */
  readonly client: Client;
  readonly query: URLSearchParams;
  /** Of a POST, read as JSON. */
  readonly body: JsonValue | undefined;
  /** The page has gone, or it takes too long. */
  readonly signal: AbortSignal;
}

/** Gives what is answered as JSON. What it throws is answered as a Status. */
export type Endpoint = (request: PageRequest) => Promise<JsonValue>;

/** By method and path: `GET /console/policies`. */
export type Endpoints = Readonly<Record<string, Endpoint>>;

/** A parameter of the query that must be there. @throws StatusError `BadRequest` */
export function needed(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value !== null && value !== '') return value;
  throw newBadRequest(`the query must have ${name}`);
}

/** A parameter of the query; undefined when it is empty or absent. */
export function given(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}

/** A parameter that names an object or a namespace; undefined when it is empty or absent. @throws StatusError `BadRequest` */
export function givenName(query: URLSearchParams, name: string): string | undefined {
  const value = given(query, name);
  const problem = value === undefined ? undefined : nameProblem(value);
  if (problem === undefined) return value;
  throw newBadRequest(`${name} ${problem}`);
}
