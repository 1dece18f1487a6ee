import { anyOf, type Any, type Message } from 'nekube/xds';
import type { AccessLog } from '../../../model/index.ts';
import { grpcService } from '../grpc-service.ts';

type EnvoyAccessLog = Message<'envoy.config.accesslog.v3.AccessLog'>;
type Sink = AccessLog['sink'] & { readonly backend?: string };
type Format = Message<'envoy.config.core.v3.SubstitutionFormatString'>;

/** Where lines of requests or connections are written to. */
export function accessLogs(
  logs: readonly AccessLog[] | undefined,
  protocol: 'http' | 'tcp',
): { readonly access_log?: readonly EnvoyAccessLog[] } {
  if (!logs?.length) return {};
  return {
    access_log: logs.map((log) => ({
      ...sink(log, protocol),
      ...(log.matches?.length && { filter: matching(log.matches) }),
    })),
  };
}

function sink({ sink, format }: AccessLog, protocol: 'http' | 'tcp'): { name: string; typed_config: Any } {
  if (sink.type === 'File') {
    const config = anyOf('envoy.extensions.access_loggers.file.v3.FileAccessLog', {
      path: sink.path,
      ...(format && { log_format: formatOf(format) }),
    });
    return { name: 'envoy.access_loggers.file', typed_config: config };
  }
  return sink.type === 'ALS' ? grpcLog(sink, protocol) : openTelemetryLog(sink, format);
}

function grpcLog({ backend = '', logName }: Extract<Sink, { backend: string }>, protocol: 'http' | 'tcp') {
  const common_config = commonConfig(backend, logName);
  return protocol === 'http'
    ? {
        name: 'envoy.access_loggers.http_grpc',
        typed_config: anyOf('envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig', { common_config }),
      }
    : {
        name: 'envoy.access_loggers.tcp_grpc',
        typed_config: anyOf('envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig', { common_config }),
      };
}

function openTelemetryLog({ backend = '', logName }: Extract<Sink, { backend: string }>, format: AccessLog['format']) {
  const config = anyOf('envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', {
    common_config: commonConfig(backend, logName),
    ...(format && 'text' in format && { body: { string_value: withoutSecrets(format.text) } }),
    ...(format && 'json' in format && { attributes: { values: attributes(format.json) } }),
  });
  return { name: 'envoy.access_loggers.open_telemetry', typed_config: config };
}

function commonConfig(backend: string, logName = 'nekube') {
  return {
    log_name: logName,
    grpc_service: grpcService(backend),
    transport_api_version: 'V3',
  } as const;
}

function attributes(json: Readonly<Record<string, string>>) {
  return Object.entries(json).map(([key, value]) => ({ key, value: { string_value: withoutSecrets(value) } }));
}

function formatOf(format: NonNullable<AccessLog['format']>): Format {
  if ('json' in format) {
    const fields = Object.entries(format.json).map(([key, text]) => [key, withoutSecrets(text)]);
    return { json_format: Object.fromEntries(fields) };
  }
  const text = withoutSecrets(format.text);
  return { text_format_source: { inline_string: text.endsWith('\n') ? text : `${text}\n` } };
}

/** Who they are is no business of a log. */
const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);
/** A doubled %, or an operator of something. */
const OPERATOR = /%%|%[A-Z0-9_]+\(([^)]*)\)(?::\d+)?%/g;

/** A format without the headers that tell passwords, tokens and sessions: a dash for each. */
function withoutSecrets(format: string): string {
  return format.replace(OPERATOR, (operator: string, argument = '') =>
    (argument as string)
      .toLowerCase()
      .split('?')
      .some((name) => SECRET_HEADERS.has(name))
      ? '-'
      : operator,
  );
}

/** All expressions must hold. */
function matching(expressions: readonly string[]): NonNullable<EnvoyAccessLog['filter']> {
  const filters = expressions.map((expression) => ({
    extension_filter: {
      name: 'envoy.access_loggers.extension_filters.cel',
      typed_config: anyOf('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', { expression }),
    },
  }));
  return filters.length === 1 && filters[0] !== undefined ? filters[0] : { and_filter: { filters } };
}
