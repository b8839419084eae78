// `stream` of an AI backend: how its streamed answers are watched.
import type { StreamSettings } from '../../model/stream-settings.ts';
import { type Infer, s } from '../../schema/builder.ts';

export const STREAM = s.object(
  {
    first_token: s.optional(
      s.durationText(
        'Longest wait for the first useful part of a streamed answer, from when it is asked for; then another target is asked. None by default.',
      ),
    ),
    heartbeat: s.optional(
      s.union(
        [s.choice(['off'], 'None.'), s.durationText('Longest silence the client hears.')],
        'A client that hears nothing for so long gets an event that says nothing, so that nobody on the way takes the connection for dead. Default 15s.',
      ),
    ),
    minimum_rate: s.optional(
      s.object(
        {
          bytes_per_second: s.integer('Bytes of events.', { min: 1 }),
          window: s.optional(s.durationText('Time it is measured over; default 5s.')),
        },
        'An endpoint whose stream comes more slowly is given up: before anything useful reached the client for another one, afterwards by the error event of its protocol.',
      ),
    ),
  },
  'How streamed answers are watched.',
);

export function toStream(written: Infer<typeof STREAM>): StreamSettings {
  const { first_token: firstToken, heartbeat, minimum_rate: rate } = written;
  return {
    ...(firstToken !== undefined && { firstTokenMs: firstToken }),
    ...(heartbeat !== undefined && { heartbeatMs: heartbeat === 'off' ? 0 : heartbeat }),
    ...(rate !== undefined && {
      minimumRate: { bytesPerSecond: rate.bytes_per_second, windowMs: rate.window ?? 5000 },
    }),
  };
}
