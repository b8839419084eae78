// `timeout` of routes and backends: one duration for the whole exchange, or a map of its parts.
import type { Timeouts } from '../../model/route.ts';
import { type Infer, s } from '../../schema/builder.ts';

export const TIMEOUT = s.union(
  [
    s.durationText('The whole exchange.'),
    s.object({
      connect: s.optional(s.durationText('TCP and TLS handshake with the endpoint; default 5s.')),
      first_byte: s.optional(
        s.durationText('From the last request byte to the first response byte; default 60s, AI backends 600s.'),
      ),
      idle: s.optional(s.durationText('Longest silence inside a response body; default 300s.')),
      total: s.optional(s.durationText('The whole exchange; none by default.')),
    }),
  ],
  'A duration for the whole exchange, or a map of durations for its parts.',
);

/** Only what was written: the rest is left to the backend or the defaults. */
export function toTimeouts(written: Infer<typeof TIMEOUT> | undefined): Partial<Timeouts> {
  if (written === undefined) return {};
  if (typeof written === 'number') return { totalMs: written };
  return {
    ...(written.connect !== undefined && { connectMs: written.connect }),
    ...(written.first_byte !== undefined && { firstByteMs: written.first_byte }),
    ...(written.idle !== undefined && { idleMs: written.idle }),
    ...(written.total !== undefined && { totalMs: written.total }),
  };
}
