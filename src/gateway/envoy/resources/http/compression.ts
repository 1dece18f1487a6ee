import { anyOf, type Any } from 'nekube/xds';
import type { RouteSettings } from '../../../model/index.ts';
import type { Extension } from '../messages.ts';

/** A way of compressing. */
export type Compression = NonNullable<RouteSettings['compression']>[number];

/** The filter that compresses in one way, by its name. */
export function compressorName(kind: Compression): string {
  return `envoy.filters.http.compressor/${kind.toLowerCase()}`;
}

/** The filter; it is off until a route turns it on. */
export function compressorFilter(kind: Compression): Extension {
  return {
    name: compressorName(kind),
    typed_config: anyOf('envoy.extensions.filters.http.compressor.v3.Compressor', {
      compressor_library: library(kind),
    }),
  };
}

/** What turns it on for a route. */
export function compressorOn(): Any {
  return anyOf('envoy.extensions.filters.http.compressor.v3.CompressorPerRoute', {
    overrides: { response_direction_config: {} },
  });
}

/** What turns it off for all routes that do not turn it on. */
export function compressorOff(): Any {
  return anyOf('envoy.extensions.filters.http.compressor.v3.CompressorPerRoute', { disabled: true });
}

function library(kind: Compression): Extension {
  switch (kind) {
    case 'Brotli':
      return { name: 'brotli', typed_config: anyOf('envoy.extensions.compression.brotli.compressor.v3.Brotli', {}) };
    case 'Gzip':
      return { name: 'gzip', typed_config: anyOf('envoy.extensions.compression.gzip.compressor.v3.Gzip', {}) };
    default:
      return { name: 'zstd', typed_config: anyOf('envoy.extensions.compression.zstd.compressor.v3.Zstd', {}) };
  }
}
