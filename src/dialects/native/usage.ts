// The section `usage`: what becomes of answers whose provider does not tell their tokens.
import type { UsageSettings } from '../../model/prices.ts';
import { s } from '../../schema/builder.ts';
import type { Reading } from './reading.ts';

export const USAGE = s.object(
  {
    estimate: s.withDefault(
      s.boolean('Whether tokens that the provider did not tell are estimated, and marked so in the log.'),
      true,
    ),
  },
  'How tokens of AI requests are counted.',
);

export function translateUsage(value: unknown, reading: Reading): UsageSettings | undefined {
  return value === undefined ? undefined : reading.parse(USAGE, value ?? {}, ['usage']);
}
