import {
  builtinOpenApiV3,
  type CustomSwagger,
  type OpenApiV2,
  type OpenApiV3Document,
  openApiV3Index,
} from 'nekube/api';
import { stringifyJson } from 'nekube/apimachinery';
import type { Aggregator } from './aggregation/aggregator.ts';
import { header, type RequestContext } from './context.ts';
import { withFieldDecision } from './decisions/index.ts';
import { parseAccept } from './media-type.ts';
import { sendBytes, writeHead } from './respond.ts';

const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** What kubectl asks for; it is no valid media type, so that the answer has the other. */
const V2_PROTOBUF_OLD = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
/** A document named by its hash never changes. */
const IMMUTABLE_SECONDS = 31_536_000;

/** What is said of custom resources. */
export interface CustomDocuments {
  /** Documents of version 3 by their paths. */
  documents(): ReadonlyMap<string, OpenApiV3Document>;
  /** The one document of version 2, with the built-in kinds. */
  swagger(): OpenApiV2;
  /** What is in that of custom resources. */
  swaggerPart(): CustomSwagger;
}

/** What the documents tell of. */
export interface DocumentDeps {
  readonly custom: CustomDocuments;
  /** Where policies are installed, documents of version 3 tell of the parameter that goes before them. */
  readonly decisions: { readonly installed: boolean };
  /** What other servers tell of their APIs. */
  readonly aggregator: Pick<Aggregator, 'documentOf' | 'openApiIndex' | 'serve' | 'swagger'>;
}

/** Serves `/openapi/v2` and `/openapi/v3`. @returns false if the path is another one */
export async function handleOpenApi(
  context: RequestContext,
  { custom, decisions, aggregator }: DocumentDeps,
): Promise<boolean> {
  const { path } = context.info;
  if (path === '/openapi/v2')
    return sendV2(
      context,
      aggregator.swagger(custom.swagger(), () => custom.swaggerPart()),
    );
  if (path !== '/openapi/v3' && !path.startsWith('/openapi/v3/')) return false;
  const documents = new Map([...builtinOpenApiV3(), ...custom.documents()]);
  if (decisions.installed) for (const [name, document] of documents) documents.set(name, withFieldDecision(document));
  const name = path.slice('/openapi/v3/'.length);
  if (path === '/openapi/v3') {
    const index = openApiV3Index(documents.values(), aggregator.openApiIndex());
    sendBytes(context, 200, 'text/plain; charset=utf-8', Buffer.from(stringifyJson(index)));
    return true;
  }
  const document = documents.get(name);
  const remote = document === undefined ? aggregator.documentOf(name) : undefined;
  if (remote !== undefined) {
    await aggregator.serve(context, remote);
    return true;
  }
  if (document === undefined) {
    writeHead(context, 404, { 'content-length': 0 });
    context.response.end();
    return true;
  }
  sendV3(context, document);
  return true;
}

function sendV3(context: RequestContext, document: OpenApiV3Document): void {
  const { response, query } = context;
  const etag = `"${document.hash()}"`;
  response.setHeader('etag', etag);
  response.setHeader('vary', 'Accept');
  if (query.get('hash') === document.hash()) {
    response.setHeader('cache-control', `public, immutable`);
    response.setHeader('expires', new Date(context.now.getTime() + IMMUTABLE_SECONDS * 1000).toUTCString());
  }
  if (notModified(context, etag)) return;
  sendBytes(context, 200, 'application/json', document.bytes());
}

function sendV2(context: RequestContext, document: OpenApiV2): boolean {
  context.response.setHeader('etag', document.etag());
  context.response.setHeader('vary', 'Accept');
  if (notModified(context, document.etag())) return true;
  const wanted = parseAccept(header(context.request, 'accept')).find((m) =>
    [V2_PROTOBUF, V2_PROTOBUF_OLD, 'application/json', '*/*'].includes(m.type),
  );
  if (wanted?.type === V2_PROTOBUF || wanted?.type === V2_PROTOBUF_OLD)
    sendBytes(context, 200, V2_PROTOBUF, document.protobuf());
  else sendBytes(context, 200, 'application/json', document.json());
  return true;
}

function notModified(context: RequestContext, etag: string): boolean {
  if (header(context.request, 'if-none-match') !== etag) return false;
  writeHead(context, 304, {});
  context.response.end();
  return true;
}
